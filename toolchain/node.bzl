"""Tests and programs that node runs."""

load("//toolchain:launcher.bzl", "launcher")

def _node_impl(ctx):
    files = [ctx.file._node, ctx.file.main]
    return launcher(ctx, [ctx.file._node.short_path] + ctx.attr.node_options + [ctx.file.main.short_path], files)

_ATTRS = {
    "data": attr.label_list(allow_files = True),
    "main": attr.label(
        allow_single_file = True,
        doc = "The script. node resolves its imports beside the real file, so that node_modules in the source tree is found.",
        mandatory = True,
    ),
    "node_options": attr.string_list(doc = "For example [\"--test\"]."),
    "_node": attr.label(allow_single_file = True, default = "@host_node//:node"),
}

node_test = rule(
    attrs = _ATTRS,
    doc = "Passes if node exits with 0. Runs in the runfiles directory of this repository.",
    implementation = _node_impl,
    test = True,
)

node_binary = rule(
    attrs = _ATTRS,
    doc = "For `bazel run`, in the same directory.",
    executable = True,
    implementation = _node_impl,
)
