"""The names that BUILD files use and that no module of the registry has, for MODULE.bazel."""

load("//toolchain:host_tool.bzl", "host_tool")
load("//toolchain/emscripten:emscripten.bzl", "emscripten")

def _relabelled_impl(repository_ctx):
    root = repository_ctx.path(repository_ctx.attr.root).dirname
    for source, link in repository_ctx.attr.links.items():
        repository_ctx.symlink(root.get_child(*source.split("/")), link)
    repository_ctx.symlink(repository_ctx.attr.build_file, "BUILD")

_relabelled = repository_rule(
    attrs = {
        "build_file": attr.label(mandatory = True),
        "links": attr.string_dict(doc = "File or folder of the module: where it appears in the repository."),
        "root": attr.label(doc = "A file at the root of the module.", mandatory = True),
    },
    doc = "A module's sources with a BUILD file of ours.",
    implementation = _relabelled_impl,
)

def _libraries_impl(module_ctx):
    # The registry's own target is compiled apart, with OpenSSL.
    _relabelled(
        name = "asio",
        build_file = Label("//toolchain/libraries:asio.BUILD"),
        links = {"asio/include": "include"},
        root = Label("@registry_asio//:BUILD.bazel"),
    )
    _relabelled(
        name = "cpp_httplib",
        build_file = Label("//toolchain/registry:cpp_httplib.BUILD"),
        links = {"httplib.h": "httplib.h"},
        root = Label("@registry_cpp_httplib//:BUILD.bazel"),
    )

    # The registry's own target wants threads of a platform that does not say it is Emscripten's.
    _relabelled(
        name = "googletest",
        build_file = Label("//toolchain/libraries:googletest.BUILD"),
        links = {
            "googlemock": "googlemock",
            "googletest": "googletest",
        },
        root = Label("@registry_googletest//:BUILD.bazel"),
    )
    emscripten(name = "emsdk", module_platform = Label("@registry_emsdk//:platform_wasm"))
    host_tool(name = "esbuild", package = "esbuild", tool = "esbuild")
    host_tool(name = "host_node", package = "nodejs", tool = "node")
    host_tool(name = "zopfli", package = "zopfli", tool = "zopfli")
    return module_ctx.extension_metadata(reproducible = True)

libraries = module_extension(
    doc = "For who builds with us too: use_repo(libraries, \"cpp_httplib\") is the cpp-httplib of Server::http().",
    implementation = _libraries_impl,
)
