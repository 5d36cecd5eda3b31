"""Every repository of a build from system packages, and the package each comes from."""

load("//toolchain:empty_repository.bzl", "empty_repository")
load("//toolchain:host_node.bzl", "host_node")
load("//toolchain:system_library.bzl", "system_library")
load("//toolchain:system_rules_cc.bzl", "system_rules_cc")
load("//toolchain/emscripten:system_emscripten.bzl", "system_emscripten")

def _bazel_repositories():
    """What Bazel would otherwise fetch for itself."""

    # Not the one built into Bazel 4: that has no cpu:wasm32.
    native.local_repository(name = "platforms", path = "/usr/share/bazel/tools/platforms")
    native.local_repository(name = "bazel_skylib", path = "/usr/share/bazel/tools/skylib")
    native.local_repository(name = "rules_java", path = "/usr/share/bazel/rules/java")
    native.local_repository(name = "rules_proto", path = "/usr/share/bazel/rules/proto")
    system_rules_cc(name = "rules_cc")

    # Every test depends on it, used or not.
    empty_repository(
        name = "remote_coverage_tools",
        build = """filegroup(
    name = "coverage_report_generator",
    visibility = ["//visibility:public"],
)
""",
    )

    # Named by later Bazels, loaded by none of our builds.
    for name in ["bazel_features", "rules_license", "rules_python"]:
        empty_repository(name = name)

def _library_repositories():
    """The C++ libraries."""
    system_library(
        name = "asio",
        build_file = "//toolchain/libraries:asio.BUILD",
        package = "libasio-dev",
        probe = "/usr/include/asio.hpp",
    )
    system_library(
        name = "cli11",
        build_file = "//toolchain/libraries:cli11.BUILD",
        package = "libcli11-dev",
        probe = "/usr/include/CLI/CLI.hpp",
    )
    system_library(
        name = "cpp_httplib",
        build_file = "//toolchain/libraries:cpp_httplib.BUILD",
        package = "libcpp-httplib-dev",
        probe = "/usr/include/httplib.h",
    )
    system_library(
        name = "esbuild",
        build_file = "//toolchain/libraries:esbuild.BUILD",
        links = {"/usr/bin/esbuild": "esbuild"},
        package = "esbuild",
        probe = "/usr/bin/esbuild",
    )
    system_library(
        name = "google_benchmark",
        build_file = "//toolchain/libraries:google_benchmark.BUILD",
        package = "libbenchmark-dev",
        probe = "/usr/include/benchmark/benchmark.h",
    )
    system_library(
        name = "googletest",
        build_file = "//toolchain/libraries:googletest.BUILD",
        links = {
            "/usr/src/googletest/googlemock": "googlemock",
            "/usr/src/googletest/googletest": "googletest",
        },
        package = "googletest",
        probe = "/usr/src/googletest/googletest/src/gtest-all.cc",
    )
    system_library(
        name = "liburing",
        build_file = "//toolchain/libraries:liburing.BUILD",
        package = "liburing-dev",
        probe = "/usr/include/liburing.h",
    )
    system_library(
        name = "nlohmann_json",
        build_file = "//toolchain/libraries:nlohmann_json.BUILD",
        links = {"/usr/include/nlohmann": "include/nlohmann"},
        package = "nlohmann-json3-dev",
        probe = "/usr/include/nlohmann/json.hpp",
    )
    system_library(
        name = "spdlog",
        build_file = "//toolchain/libraries:spdlog.BUILD",
        package = "libspdlog-dev",
        probe = "/usr/include/spdlog/spdlog.h",
    )
    system_library(
        name = "sqlite3",
        build_file = "//toolchain/libraries:sqlite3.BUILD",
        package = "libsqlite3-dev",
        probe = "/usr/include/sqlite3.h",
    )

# buildifier: disable=unnamed-macro
# The repositories have the names that BUILD files know them by; a name of the whole would mean nothing.
def system_repositories():
    """Declares them all. Each is looked at only when a target needs it."""
    _bazel_repositories()
    _library_repositories()
    host_node(name = "host_node")
    system_emscripten(name = "emsdk")
