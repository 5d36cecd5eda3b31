"""The system's Emscripten as the repository @emsdk, with the names of emsdk's own Bazel module.

BUILD files that load `@emsdk//emscripten_toolchain:wasm_rules.bzl` work with either.
"""

_ROOT_FILES = {"root.BUILD": "BUILD"}
_TOOLCHAIN_FILES = {
    "cc_toolchain_config.bzl": "cc_toolchain_config.bzl",
    "emscripten_toolchain.BUILD": "BUILD",
    "wasm_cc_binary.bzl": "wasm_cc_binary.bzl",
    "wasm_rules.bzl": "wasm_rules.bzl",
}

def _require(repository_ctx, command, package):
    path = repository_ctx.which(command)
    if not path:
        fail("{} is missing: install the package {}, or run ./bazelw, which does.".format(command, package))
    return path

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

def _system_emscripten_impl(repository_ctx):
    emcc = _require(repository_ctx, "emcc", "emscripten")
    emar = _require(repository_ctx, "emar", "emscripten")
    node = _require(repository_ctx, "node", "nodejs")

    environment = {"EM_NODE_JS": str(node)}
    if repository_ctx.path("/usr/share/nodejs").exists:
        # The system's emcc needs the acorn that Debian keeps here; a node from elsewhere
        # does not look there.
        environment["NODE_PATH"] = "/usr/share/nodejs"

    for source, target in _ROOT_FILES.items():
        repository_ctx.symlink(Label("//toolchain/emscripten:" + source), target)
    for source, target in _TOOLCHAIN_FILES.items():
        repository_ctx.symlink(
            Label("//toolchain/emscripten:" + source),
            "emscripten_toolchain/" + target,
        )
    for name, tool in {"emar.sh": emar, "emcc.sh": emcc}.items():
        repository_ctx.template(
            "emscripten_toolchain/" + name,
            Label("//toolchain/emscripten:" + name),
            executable = True,
            substitutions = {
                "# ENVIRONMENT: what system_emscripten.bzl found the tool to need.": "\n".join([
                    "export {}='{}'".format(key, value)
                    for key, value in environment.items()
                ]),
                "%{tool}": str(tool),
            },
        )
    repository_ctx.file(
        "emscripten_toolchain/include_directories.bzl",
        '"""What emcc says of itself."""\n\nINCLUDE_DIRECTORIES = {}\n'.format(
            _include_directories(repository_ctx, emcc, environment),
        ),
        executable = False,
    )

system_emscripten = repository_rule(
    doc = "The emcc found in PATH as a Bazel C++ toolchain for wasm32.",
    environ = ["PATH"],
    implementation = _system_emscripten_impl,
    # Looked at again whenever the Bazel server starts, since the package may have been upgraded.
    local = True,
)
