"""Tests and programs that node runs."""

def _node_impl(ctx):
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(
        script,
        "#!/bin/bash\nexec {node} {options} {main} \"$@\"\n".format(
            main = ctx.file.main.short_path,
            node = ctx.file._node.short_path,
            options = " ".join(ctx.attr.node_options),
        ),
        is_executable = True,
    )
    runfiles = ctx.runfiles(files = [ctx.file.main, ctx.file._node] + ctx.files.data)
    for target in ctx.attr.data:
        runfiles = runfiles.merge(target[DefaultInfo].data_runfiles)
        runfiles = runfiles.merge(target[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = script, runfiles = runfiles)]

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
