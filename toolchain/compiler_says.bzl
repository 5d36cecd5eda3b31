"""What the compiler says of files that it is to refuse."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:defs.bzl", "CcInfo", "cc_common")
load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain")

def _compiler_says_impl(ctx):
    toolchain = find_cc_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    headers = cc_common.merge_cc_infos(cc_infos = [dep[CcInfo] for dep in ctx.attr.deps]).compilation_context
    compiler = cc_common.get_tool_for_action(feature_configuration = features, action_name = ACTION_NAMES.cpp_compile)
    outputs = []
    for source in ctx.files.srcs:
        said = ctx.actions.declare_file(source.basename + ".said")
        variables = cc_common.create_compile_variables(
            feature_configuration = features,
            cc_toolchain = toolchain,
            user_compile_flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-fdiagnostics-color=never"],
            source_file = source.path,
            include_directories = headers.includes,
            quote_include_directories = headers.quote_includes,
            system_include_directories = headers.system_includes,
            preprocessor_defines = headers.defines,
        )
        ctx.actions.run_shell(
            outputs = [said],
            inputs = depset([source], transitive = [headers.headers, toolchain.all_files]),
            arguments = [compiler] + cc_common.get_memory_inefficient_command_line(
                feature_configuration = features,
                action_name = ACTION_NAMES.cpp_compile,
                variables = variables,
            ),
            env = cc_common.get_environment_variables(
                feature_configuration = features,
                action_name = ACTION_NAMES.cpp_compile,
                variables = variables,
            ),
            command = 'if LC_ALL=C "$@" > {0} 2>&1; then echo "It compiles." > {0}; fi'.format(said.path),
            mnemonic = "CppRefuse",
            progress_message = "Seeing what the compiler says of " + source.short_path,
        )
        outputs.append(said)
    return [DefaultInfo(files = depset(outputs))]

compiler_says = rule(
    attrs = {
        "deps": attr.label_list(
            doc = "Libraries whose headers the files include.",
            providers = [CcInfo],
        ),
        "srcs": attr.label_list(allow_files = [".cc"]),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    doc = "FILE.cc.said for each FILE.cc: what the compiler says of it, or that it compiles. Warnings are errors.",
    fragments = ["cpp"],
    implementation = _compiler_says_impl,
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
