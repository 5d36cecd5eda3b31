"""Tests of the browser's side over fakes of the browser: of its JavaScript under wasm, of its C++ on both sides."""

load("//toolchain:cc_tests.bzl", "both_sides_test", "wasm_only_test")

def client_tests(name, javascript = {}, logic = {}, more_wasm = []):
    """The GoogleTests of a folder, one for each file NAME.cc, and their suites.

    Args:
      name: of the suite under wasm; that of the tests which run natively as well is `native`.
      javascript: tests under wasm alone, a dict of their names to a pair: the fakes in JavaScript that they are given in
        place of the browser's, and what they test.
      logic: tests on both sides over :fake_browser, a dict of their names to what they test.
      more_wasm: other tests of the suite under wasm.
    """
    for test, (fakes, deps) in javascript.items():
        wasm_only_test(
            name = test,
            size = "small",
            srcs = [test + ".cc"],
            additional_linker_inputs = fakes,
            linkopts = ["--js-library=$(location %s)" % fake for fake in fakes] + ["-sALLOW_MEMORY_GROWTH=1"],
            deps = deps,
        )
    for test, deps in logic.items():
        both_sides_test(
            name = test,
            # A model goes through thousands of schedules, which takes sanitizers half a minute.
            size = "medium" if test.endswith("_model_test") else "small",
            srcs = [test + ".cc"],
            deps = deps + ["//tests/client_wasm:fake_browser"],
        )
    native.test_suite(
        name = name,
        tests = [test + "_wasm" for test in javascript.keys() + logic.keys()] + more_wasm,
        visibility = ["//tests:__subpackages__"],
    )
    if logic:  # a suite without a list is of all tests that there are
        native.test_suite(
            name = "native",
            tests = logic.keys(),
            visibility = ["//tests:__subpackages__"],
        )
