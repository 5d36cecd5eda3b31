"""A system package as a Bazel repository.

Native compilers find system headers by themselves, so most of these repositories hold only a BUILD
file that says how to compile and link against the package.
"""

def _system_library_impl(repository_ctx):
    if not repository_ctx.path(repository_ctx.attr.probe).exists:
        fail("{} is missing: install the package {}, or run ./bazelw, which does.".format(
            repository_ctx.attr.probe,
            repository_ctx.attr.package,
        ))
    for target, link in repository_ctx.attr.links.items():
        repository_ctx.symlink(target, link)
    repository_ctx.symlink(repository_ctx.attr.build_file, "BUILD")

_system_library = repository_rule(
    attrs = {
        "build_file": attr.label(mandatory = True),
        "links": attr.string_dict(doc = "System directory: where it appears in the repository."),
        "package": attr.string(mandatory = True, doc = "The Debian package that has the probe."),
        "probe": attr.string(mandatory = True, doc = "A file that tells whether the package is there."),
    },
    doc = "A repository around one system package; fails with the package's name if it is missing.",
    implementation = _system_library_impl,
    local = True,
)

def system_library(name, **kwargs):
    """A _system_library whose BUILD file is toolchain/libraries/NAME.BUILD.

    Args:
      name: of the repository.
      **kwargs: the rule's other attributes.
    """
    _system_library(
        name = name,
        build_file = Label("//toolchain/libraries:" + name + ".BUILD"),
        **kwargs
    )
