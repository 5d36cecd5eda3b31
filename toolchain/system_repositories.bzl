"""Every repository of a build from system packages, and the package each comes from."""

load("//toolchain:empty_repository.bzl", "empty_repository")
load("//toolchain:host_tool.bzl", "host_tool")
load("//toolchain:system_folder.bzl", "system_folder")
load("//toolchain:system_library.bzl", "system_library")
load("//toolchain:system_rules_cc.bzl", "system_rules_cc")
load("//toolchain/emscripten:emscripten.bzl", "emscripten")

def _bazel_repositories():
    """What Bazel would otherwise fetch for itself."""

    # Not the one built into Bazel 4: that has no cpu:wasm32.
    system_folder(name = "platforms", package = "bazel-platforms", path = "/usr/share/bazel/tools/platforms")
    system_folder(name = "bazel_skylib", package = "bazel-skylib", path = "/usr/share/bazel/tools/skylib")
    system_folder(name = "rules_java", package = "bazel-rules-java", path = "/usr/share/bazel/rules/java")
    system_folder(name = "rules_proto", package = "bazel-rules-proto", path = "/usr/share/bazel/rules/proto")
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

    # Later Bazels load these, and their packages come with them.
    system_folder(name = "bazel_features", path = "/usr/share/bazel/tools/features")
    system_folder(name = "rules_license", path = "/usr/share/bazel/rules/license")
    system_folder(name = "rules_python", path = "/usr/share/bazel/rules/python")

def _library_repositories():
    """The C++ libraries."""
    system_library(
        name = "asio",
        package = "libasio-dev",
        probe = "/usr/include/asio.hpp",
    )
    system_library(
        name = "cli11",
        package = "libcli11-dev",
        probe = "/usr/include/CLI/CLI.hpp",
    )
    system_library(
        name = "cpp_httplib",
        package = "libcpp-httplib-dev",
        probe = "/usr/include/httplib.h",
    )
    system_library(
        name = "google_benchmark",
        package = "libbenchmark-dev",
        probe = "/usr/include/benchmark/benchmark.h",
    )
    system_library(
        name = "googletest",
        links = {
            "/usr/src/googletest/googlemock": "googlemock",
            "/usr/src/googletest/googletest": "googletest",
        },
        package = "googletest",
        probe = "/usr/src/googletest/googletest/src/gtest-all.cc",
    )
    system_library(
        name = "hiredis",
        package = "libhiredis-dev",
        probe = "/usr/include/hiredis/hiredis.h",
    )
    system_library(
        name = "libcrypto",
        package = "libssl-dev",
        probe = "/usr/include/openssl/evp.h",
    )
    system_library(
        name = "liburing",
        package = "liburing-dev",
        probe = "/usr/include/liburing.h",
    )
    system_library(
        name = "nlohmann_json",
        links = {"/usr/include/nlohmann": "include/nlohmann"},
        package = "nlohmann-json3-dev",
        probe = "/usr/include/nlohmann/json.hpp",
    )
    system_library(
        name = "spdlog",
        package = "libspdlog-dev",
        probe = "/usr/include/spdlog/spdlog.h",
    )
    system_library(
        name = "sqlite3",
        package = "libsqlite3-dev",
        probe = "/usr/include/sqlite3.h",
    )

# buildifier: disable=unnamed-macro
# The repositories have the names that BUILD files know them by; a name of the whole would mean nothing.
def system_repositories():
    """Declares them all. Each is looked at only when a target needs it."""
    _bazel_repositories()
    _library_repositories()
    host_tool(name = "esbuild", package = "esbuild", tool = "esbuild")
    host_tool(name = "host_node", package = "nodejs", tool = "node")
    host_tool(name = "zopfli", package = "zopfli", tool = "zopfli")
    emscripten(name = "emsdk")
