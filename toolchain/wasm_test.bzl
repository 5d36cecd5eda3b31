"""A GoogleTest program compiled to wasm, run by node as a Bazel test."""

load("//toolchain:launcher.bzl", "launcher")

def _wasm_test_impl(ctx):
    files = [ctx.file._runner, ctx.file._node, ctx.file.program]
    return launcher(ctx, [file.short_path for file in files], files)

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
