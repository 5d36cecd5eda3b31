"""`wasm_cc_binary`: builds a cc_binary with Emscripten and gives its files by name.

The part of emsdk's rule of that name that this project uses.
"""

_MODE = "//command_line_option:compilation_mode"

def _wasm_transition_impl(settings, attr):
    return {
        _MODE: attr.compilation_mode or settings[_MODE],
        # The command line's --copt and --linkopt are the native compiler's (sanitizers, above all):
        # --config=asan leaves wasm as it is.
        "//command_line_option:copt": [],
        "//command_line_option:linkopt": [],
        "//command_line_option:platform_suffix": "",
        "//command_line_option:platforms": [str(Label("//:platform_wasm"))],
    }

_wasm_transition = transition(
    implementation = _wasm_transition_impl,
    inputs = [_MODE],
    outputs = [
        _MODE,
        "//command_line_option:copt",
        "//command_line_option:linkopt",
        "//command_line_option:platform_suffix",
        "//command_line_option:platforms",
    ],
)

def _wasm_cc_binary_impl(ctx):
    binary = ctx.attr.cc_target[0]
    archive = binary[DefaultInfo].files_to_run.executable
    commands = ["set -euo pipefail"]
    for output in ctx.outputs.outputs:
        # As emsdk does: an output is the file of the archive with the same extensions.
        extensions = output.basename.partition(".")[2]
        commands.append("tar --extract --to-stdout --file={archive} {member} > {output}".format(
            archive = archive.path,
            member = archive.basename + "." + extensions,
            output = output.path,
        ))
    ctx.actions.run_shell(
        command = "\n".join(commands),
        inputs = [archive],
        mnemonic = "WasmUnpack",
        outputs = ctx.outputs.outputs,
        progress_message = "Unpacking %s" % ctx.label,
    )
    files = depset(ctx.outputs.outputs)
    return [DefaultInfo(
        data_runfiles = ctx.runfiles(transitive_files = files),
        files = files,
    )]

wasm_cc_binary = rule(
    attrs = {
        "cc_target": attr.label(
            cfg = _wasm_transition,
            doc = "The cc_binary to build. Give it target_compatible_with = [\"@platforms//cpu:wasm32\"].",
            mandatory = True,
        ),
        "compilation_mode": attr.string(
            doc = "The same whatever the command line says, for example opt.",
            values = ["", "dbg", "fastbuild", "opt"],
        ),
        "outputs": attr.output_list(
            allow_empty = False,
            doc = "The files wanted; each is told by its extension (.js, .wasm).",
            mandatory = True,
        ),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    implementation = _wasm_cc_binary_impl,
)
