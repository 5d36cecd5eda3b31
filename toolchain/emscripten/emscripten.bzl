"""Emscripten as the repository @emsdk, with the names of emsdk's own Bazel module: the system's, or that module's.

BUILD files that load `@emsdk//emscripten_toolchain:wasm_rules.bzl` work with either.
"""

load("//toolchain:missing.bzl", "missing_program")
load(":cache.bzl", "fill_cache")

_TOOLS = {"emar.sh": "emar", "emcc.sh": "emcc"}
_PACKAGES = {"emcc": "emscripten", "emar": "emscripten", "node": "nodejs"}

# The rules are ours with either: they clear what is the native compiler's, and take files from the tar that both make.
_RULES = ["wasm_cc_binary.bzl", "wasm_rules.bzl"]

_MODULE_BUILD = """alias(
    name = "platform_wasm",
    actual = "{}",
    visibility = ["//visibility:public"],
)
"""

def _include_directories(repository_ctx, emcc, environment):
    """Where the compiler looks for headers, as it says itself: distributions put them in different places."""
    asked = repository_ctx.execute(
        [emcc, "-xc++", "-E", "-v", "/dev/null"],
        environment = environment,
    )
    if asked.return_code != 0:
        fail("emcc does not run:\n" + asked.stderr)
    directories = []
    listing = False
    for line in asked.stderr.splitlines():
        if line.startswith("#include <...>"):
            listing = True
        elif line.startswith("End of search list"):
            listing = False
        elif listing:
            listed = line.strip()

            # The compiler may name a header by either path.
            for directory in [listed, str(repository_ctx.path(listed).realpath)]:
                if directory not in directories:
                    directories.append(directory)
    if not directories:
        fail("emcc lists no include directories:\n" + asked.stderr)
    return directories

def _write_fact(repository_ctx, name, comment, constant, value):
    repository_ctx.file(
        "emscripten_toolchain/{}.bzl".format(name),
        '"""{}"""\n\n{} = {}\n'.format(comment, constant, value),
        executable = False,
    )

def _write_lto(repository_ctx, has_lto):
    comment = "Whether -flto may be used at a link: needs Emscripten's own libraries as bitcode."
    _write_fact(repository_ctx, "lto", comment, "LINKS_LTO", has_lto)

def _write_include_directories(repository_ctx, directories):
    _write_fact(repository_ctx, "include_directories", "What emcc says of itself.", "INCLUDE_DIRECTORIES", directories)

# Tools that run those of the system, and what has to be asked of these.
def _write_tools(repository_ctx, paths):
    environment = {"EM_NODE_JS": str(paths["node"])}
    if repository_ctx.path("/usr/share/nodejs").exists:
        # The system's emcc needs the acorn that Debian keeps here; a node from elsewhere
        # does not look there.
        environment["NODE_PATH"] = "/usr/share/nodejs"
    cache = fill_cache(repository_ctx, paths["emcc"], environment)
    environment.update(cache.environment)
    _write_lto(repository_ctx, cache.has_lto)
    _write_include_directories(repository_ctx, _include_directories(repository_ctx, paths["emcc"], environment))
    for name, tool in _TOOLS.items():
        repository_ctx.template(
            "emscripten_toolchain/" + name,
            Label("//toolchain/emscripten:" + name),
            executable = True,
            substitutions = {
                "# ENVIRONMENT: what emscripten.bzl found the tool to need.": "\n".join([
                    "export {}='{}'".format(key, value)
                    for key, value in environment.items()
                ]),
                "%{tool}": str(paths[tool]),
            },
        )

def _system_emscripten(repository_ctx):
    repository_ctx.symlink(Label("//toolchain/emscripten:root.BUILD"), "BUILD")
    repository_ctx.symlink(
        Label("//toolchain/emscripten:cc_toolchain_config.bzl"),
        "emscripten_toolchain/cc_toolchain_config.bzl",
    )
    repository_ctx.symlink(
        Label("//toolchain/emscripten:emscripten_toolchain.BUILD"),
        "emscripten_toolchain/BUILD",
    )
    paths = {program: repository_ctx.which(program) for program in _PACKAGES}
    missing = [program for program, path in paths.items() if not path]
    if not missing:
        _write_tools(repository_ctx, paths)
        return

    # Every build looks at this toolchain, those of native programs too, which do without.
    _write_lto(repository_ctx, False)
    _write_include_directories(repository_ctx, [])
    for name in _TOOLS:
        missing_program(repository_ctx, "emscripten_toolchain/" + name, missing[0], _PACKAGES[missing[0]])

def _emscripten_impl(repository_ctx):
    for name in _RULES:
        repository_ctx.symlink(Label("//toolchain/emscripten:" + name), "emscripten_toolchain/" + name)
    platform = repository_ctx.attr.module_platform
    if platform and not repository_ctx.which("emcc"):
        repository_ctx.file("BUILD", _MODULE_BUILD.format(platform), executable = False)
        repository_ctx.file("emscripten_toolchain/BUILD", executable = False)
        _write_lto(repository_ctx, False)
    else:
        _system_emscripten(repository_ctx)

emscripten = repository_rule(
    attrs = {"module_platform": attr.label(doc = "That of emsdk's module, whose Emscripten is taken where there is no emcc.")},
    doc = "The emcc found in PATH as a Bazel C++ toolchain for wasm32.",
    environ = [
        "EM_CACHE",
        "HOME",
        "PATH",
    ],
    implementation = _emscripten_impl,
    # Looked at again whenever the Bazel server starts, since the package may have been upgraded.
    local = True,
)
