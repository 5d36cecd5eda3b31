"""The machine's node, as @host_node//:node.

Test actions see a fixed PATH, and node often comes from somewhere else (nvm, nodesource, asdf): this looks
it up once, where the developer's own PATH is still visible.
"""

def _host_node_impl(repository_ctx):
    node = repository_ctx.which("node")
    if not node:
        fail("node is missing: install the package nodejs, or run ./bazelw, which does.")
    repository_ctx.symlink(node, "node")
    repository_ctx.file("BUILD", 'exports_files(["node"])\n', executable = False)

host_node = repository_rule(
    doc = "The node found in the PATH of whoever starts Bazel.",
    environ = ["PATH"],
    implementation = _host_node_impl,
    local = True,
)
