"""How Bazel drives emcc: two tools, and flags by compilation mode. Bazel's own features do the rest."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load(
    "@rules_cc//cc:cc_toolchain_config_lib.bzl",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
    "with_feature_set",
)
load("@rules_cc//cc:defs.bzl", "CcToolchainConfigInfo", "cc_common")
load(":include_directories.bzl", "INCLUDE_DIRECTORIES")

_COMPILE = [
    ACTION_NAMES.c_compile,
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
]

# -Os and not -O2 for opt: what goes over the wire is a page's first cost, and a target can ask for
# another level in its own copts and linkopts, which come later.
_LEVELS = {
    "dbg": ["-O0", "-g"],
    "fastbuild": ["-O1"],
    "opt": ["-Os", "-DNDEBUG"],
}

def _level_flags(mode):
    flags = [flag_group(flags = _LEVELS[mode])]
    return flag_set(
        actions = _COMPILE + [ACTION_NAMES.cpp_link_executable],
        flag_groups = flags,
        with_features = [with_feature_set(features = [mode])],
    )

def _config_impl(ctx):
    reproducible = flag_set(
        actions = _COMPILE,
        flag_groups = [flag_group(flags = [
            "-Wno-builtin-macro-redefined",
            "-D__DATE__=\"redacted\"",
            "-D__TIMESTAMP__=\"redacted\"",
            "-D__TIME__=\"redacted\"",
        ])],
    )
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "emscripten",
        abi_version = "emscripten",
        compiler = "emscripten",
        cxx_builtin_include_directories = INCLUDE_DIRECTORIES,
        features = [
            feature(name = "dbg"),
            feature(name = "fastbuild"),
            feature(name = "opt"),
            feature(
                name = "emscripten_flags",
                enabled = True,
                flag_sets = [_level_flags(mode) for mode in _LEVELS] + [reproducible],
            ),
        ],
        host_system_name = "local",
        target_cpu = "wasm",
        target_libc = "emscripten",
        target_system_name = "wasm32-unknown-emscripten",
        tool_paths = [tool_path(name = "ar", path = "emar.sh")] + [
            tool_path(name = name, path = "emcc.sh")
            for name in ["cpp", "gcc", "ld"]
        ] + [
            tool_path(name = name, path = "/bin/false")
            for name in ["gcov", "nm", "objcopy", "objdump", "strip"]
        ],
        toolchain_identifier = "emscripten",
    )

emscripten_cc_toolchain_config = rule(
    implementation = _config_impl,
    provides = [CcToolchainConfigInfo],
)
