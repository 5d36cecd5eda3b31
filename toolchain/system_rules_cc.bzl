"""The system's rules_cc, made to load on the system's Bazel.

Debian 12 and Ubuntu 24.04 pair rules_cc 0.0.4 with Bazel 4.2.3, which lacks the function
`use_cpp_toolchain` that two of its files load. Where the function is missing, the copy says what it would
return; where a later package no longer loads it, the replacement finds nothing and the copy is verbatim.
"""

_SOURCE = "/usr/share/bazel/rules/cc"

def _has_use_cpp_toolchain(repository_ctx):
    # toolchain_utils.bzl is inside @bazel_tools, which is where Bazel itself would load it from.
    utils = repository_ctx.path(Label("@bazel_tools//tools/cpp:toolchain_utils.bzl"))
    return "def use_cpp_toolchain" in repository_ctx.read(utils)

def _system_rules_cc_impl(repository_ctx):
    if not repository_ctx.path(_SOURCE).exists:
        fail(_SOURCE + " is missing: install the package bazel-rules-cc, or run ./bazelw, which does.")
    copied = repository_ctx.execute(["cp", "-RL", _SOURCE + "/.", "."])
    if copied.return_code != 0:
        fail("Cannot copy rules_cc: " + copied.stderr)
    if _has_use_cpp_toolchain(repository_ctx):
        return
    for name in ["cc_flags_supplier.bzl", "compiler_flag.bzl"]:
        path = "cc/private/rules_impl/" + name
        if not repository_ctx.path(path).exists:
            continue
        text = repository_ctx.read(path)
        text = text.replace(', "use_cpp_toolchain")', ")")
        text = text.replace("use_cpp_toolchain()", '["@bazel_tools//tools/cpp:toolchain_type"]')
        repository_ctx.file(path, text, executable = False)

system_rules_cc = repository_rule(
    doc = "A copy of the system's rules_cc that this Bazel can load.",
    implementation = _system_rules_cc_impl,
)
