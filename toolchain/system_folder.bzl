"""A folder of the system as a Bazel repository: rules for Bazel that the distribution packages."""

def _system_folder_impl(repository_ctx):
    folder = repository_ctx.path(repository_ctx.attr.path)
    if folder.exists:
        for entry in folder.readdir():
            repository_ctx.symlink(entry, entry.basename)
    elif repository_ctx.attr.package:
        fail("{} is missing: install the package {}, or run ./bazelw, which does.".format(
            folder,
            repository_ctx.attr.package,
        ))
    else:
        repository_ctx.file("BUILD", executable = False)

system_folder = repository_rule(
    attrs = {
        "package": attr.string(doc = "The Debian package that has it; without, the repository may be empty."),
        "path": attr.string(mandatory = True),
    },
    doc = "The folder's entries; fails with the package's name if they are missing.",
    implementation = _system_folder_impl,
    local = True,
)
