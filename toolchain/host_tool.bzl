"""A program of the machine as a repository: @host_node//:node, @esbuild//:esbuild, @zopfli//:zopfli.

Actions see a fixed PATH, and node often comes from somewhere else (nvm, nodesource, asdf): this looks a program up
once, where the developer's own PATH is still visible.
"""

load("//toolchain:missing.bzl", "missing_program")

def _host_tool_impl(repository_ctx):
    tool = repository_ctx.attr.tool
    path = repository_ctx.which(tool)
    if path:
        repository_ctx.symlink(path, tool)
    else:
        missing_program(repository_ctx, tool, tool, repository_ctx.attr.package)
    repository_ctx.file("BUILD", 'exports_files(["{}"])\n'.format(tool), executable = False)

host_tool = repository_rule(
    attrs = {
        "package": attr.string(mandatory = True, doc = "The Debian package that has it."),
        "tool": attr.string(mandatory = True),
    },
    doc = "A program found in the PATH of whoever starts Bazel.",
    environ = ["PATH"],
    implementation = _host_tool_impl,
    local = True,
)
