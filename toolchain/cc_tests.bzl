"""C++ tests on both sides of the wire: GoogleTest natively, under wasm, or both from the same sources.

Natively alone, a test is a plain cc_test, or a row of native_tests.
"""

load("@emsdk//emscripten_toolchain:wasm_rules.bzl", "wasm_cc_binary")
load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_test")
load("//toolchain:wasm_test.bzl", "wasm_test")

# The tree that builds with us calls these macros, where a plain string would be a label of its own.
_GTEST_MAIN = Label("@googletest//:gtest_main")
_WASM_ONLY = [str(Label("@platforms//cpu:wasm32"))]

_WASM_LINKOPTS = [
    # Linking time matters more than size here, and a failed assertion should say where.
    "-O1",
    "-sASSERTIONS=1",
    "-sENVIRONMENT=node",
    "-sEXIT_RUNTIME=1",
    # Tests read their data files, which only node's own file system has.
    "-sNODERAWFS=1",
    # With the .wasm in a file of its own, node 18 and later do not find it ("Failed to parse URL").
    "-sSINGLE_FILE=1",
    "-sTOTAL_STACK=1MB",
]

def wasm_only_test(name, srcs, deps = [], data = [], copts = [], linkopts = [], additional_linker_inputs = [], malloc = None, tags = [], **kwargs):
    """Runs a GoogleTest under wasm as the test `NAME_wasm`.

    No threads, exceptions or death tests there.

    Args:
      name: the test's name, without `_wasm`.
      srcs: as in a cc_test.
      deps: as in a cc_test; GoogleTest and its main come by themselves.
      data: as in a cc_test.
      copts: as in a cc_test.
      linkopts: as in a cc_test, for emcc.
      additional_linker_inputs: as in a cc_binary, for example a file named by `--js-library`.
      malloc: as in a cc_binary.
      tags: as in a cc_test; `wasm` is added.
      **kwargs: size, timeout, flaky and the like, for the test.
    """
    binary = name + "_wasm_binary"
    program = name + "_wasm_program"
    cc_binary(
        name = binary,
        testonly = True,
        srcs = srcs,
        additional_linker_inputs = additional_linker_inputs,
        copts = copts,
        linkopts = _WASM_LINKOPTS + linkopts,
        malloc = malloc or "@bazel_tools//tools/cpp:malloc",
        target_compatible_with = _WASM_ONLY,
        visibility = ["//visibility:private"],
        deps = deps + [_GTEST_MAIN],
    )
    wasm_cc_binary(
        name = program,
        testonly = True,
        cc_target = ":" + binary,
        outputs = [program + ".js"],
        visibility = ["//visibility:private"],
    )
    wasm_test(
        name = name + "_wasm",
        data = data,
        program = program + ".js",
        tags = tags + ["wasm"],
        **kwargs
    )

def both_sides_test(name, srcs, deps = [], data = [], copts = [], tags = [], **kwargs):
    """Runs one GoogleTest natively as `NAME` and under wasm as `NAME_wasm`.

    Args:
      name: the native test's name.
      srcs: as in a cc_test.
      deps: as in a cc_test; GoogleTest and its main come by themselves.
      data: as in a cc_test.
      copts: as in a cc_test, for both compilers.
      tags: as in a cc_test, for both.
      **kwargs: size, timeout and the like, for both.
    """
    cc_test(
        name = name,
        srcs = srcs,
        copts = copts,
        data = data,
        tags = tags,
        deps = deps + [_GTEST_MAIN],
        **kwargs
    )
    wasm_only_test(
        name = name,
        srcs = srcs,
        copts = copts,
        data = data,
        tags = tags,
        deps = deps,
        **kwargs
    )

def native_tests(name, tests, more = [], visibility = ["//tests:__subpackages__"]):
    """The GoogleTests of a folder that run natively alone, one for each file NAME.cc, and a suite of them.

    Args:
      name: of the suite.
      tests: a dict of their names to what they test; GoogleTest and its main come by themselves.
      more: other tests of the suite.
      visibility: of the suite.
    """
    for test, deps in tests.items():
        cc_test(
            name = test,
            size = "small",
            srcs = [test + ".cc"],
            deps = deps + [_GTEST_MAIN],
        )
    native.test_suite(
        name = name,
        tests = tests.keys() + more,
        visibility = visibility,
    )
