"""What stands in the place of something that the machine lacks: it says so when it is used.

A repository that fails instead shows where in Starlark it did, and fails builds that would never use it.
"""

def says_that_it_is_missing(what, package):
    """A line of shell that says so and fails.

    Args:
      what: a program or a file.
      package: the Debian package that has it.
    Returns:
      the line.
    """
    return "echo '{} is missing: install the package {}, or run ./bazelw, which does; {}' >&2; exit 1".format(
        what,
        package,
        # A local repository is looked at again when the server starts.
        "then run bazel shutdown, so that Bazel looks again.",
    )

def missing_program(repository_ctx, path, program, package):
    """Writes a program that says that another is missing.

    Args:
      repository_ctx: of a repository rule.
      path: of the file that is written.
      program: what is missing.
      package: the Debian package that has it.
    """
    repository_ctx.file(path, "#!/bin/bash\n" + says_that_it_is_missing(program, package) + "\n")
