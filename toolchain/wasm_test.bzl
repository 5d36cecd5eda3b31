"""A GoogleTest program compiled to wasm, run by node as a Bazel test."""

def _wasm_test_impl(ctx):
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(
        script,
        "#!/bin/bash\nexec {runner} {node} {program} \"$@\"\n".format(
            node = ctx.file._node.short_path,
            program = ctx.file.program.short_path,
            runner = ctx.file._runner.short_path,
        ),
        is_executable = True,
    )
    runfiles = ctx.runfiles(
        files = [ctx.file.program, ctx.file._node, ctx.file._runner] + ctx.files.data,
    )
    for target in ctx.attr.data:
        runfiles = runfiles.merge(target[DefaultInfo].data_runfiles)
        runfiles = runfiles.merge(target[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = script, runfiles = runfiles)]

wasm_test = rule(
    attrs = {
        "data": attr.label_list(allow_files = True, doc = "Files that the test reads, as in a cc_test."),
        "program": attr.label(
            allow_single_file = [".js"],
            doc = "The test linked with -sSINGLE_FILE=1, -sEXIT_RUNTIME=1 and -sENVIRONMENT=node.",
            mandatory = True,
        ),
        "_node": attr.label(allow_single_file = True, default = "@host_node//:node"),
        "_runner": attr.label(allow_single_file = True, default = "//toolchain:run_wasm_test.sh"),
    },
    doc = "Passes if node exits with 0 and GoogleTest said that at least one test passed.",
    implementation = _wasm_test_impl,
    test = True,
)
