"""How this folder is compiled and pages are made of it: for their size over the wire, and natively as everything else."""

load("@emsdk//emscripten_toolchain:lto.bzl", "LINKS_LTO")
load("@emsdk//emscripten_toolchain:wasm_rules.bzl", "wasm_cc_binary")
load("@rules_cc//cc:defs.bzl", "CcInfo", "cc_binary", "cc_common")
load("//toolchain:library.bzl", "FOR_THE_PAGE", "WASM", "tidings_library")

# The tree that builds with us calls these macros, where a plain string would be a label of its own.
_ESBUILD = Label("@esbuild//:esbuild")
_FAILURE = Label("//client_wasm:failure.js")
_MALLOC = Label("//client_wasm/memory:malloc")
_MEMORY = Label("//client_wasm/memory:memory.js")
_NODE = Label("@host_node//:node")
_TRIM = Label("//client_wasm:trim.mjs")

WASM_ONLY = [WASM]

LINKED_FOR_THE_PAGE = [flag for flag in FOR_THE_PAGE if flag != "-flto" or LINKS_LTO]

def _js_library_impl(ctx):
    linker_input = cc_common.create_linker_input(
        additional_inputs = depset([ctx.file.src]),
        owner = ctx.label,
        user_link_flags = depset(["--js-library=" + ctx.file.src.path]),
    )
    return [CcInfo(linking_context = cc_common.create_linking_context(linker_inputs = depset([linker_input])))]

_js_library = rule(
    attrs = {"src": attr.label(allow_single_file = [".js"], mandatory = True)},
    doc = "Whatever depends on it is linked with this `--js-library`.",
    implementation = _js_library_impl,
)

def both_sides_library(name, deps = [], js = None, **kwargs):
    """A library that is tested natively too.

    Args:
      name: as of a cc_library.
      deps: as of a cc_library.
      js: the browser's side of it, a library for Emscripten's linker; the functions in it that C++ calls are linked.
      **kwargs: as of a cc_library.
    """
    js_deps = []
    if js:
        _js_library(
            name = name + "_js",
            src = js,
            visibility = ["//visibility:private"],
        )
        js_deps = [":" + name + "_js"]
    tidings_library(
        name = name,
        deps = deps + select({
            WASM: js_deps,
            "//conditions:default": [],
        }),
        **kwargs
    )

def wasm_library(**kwargs):
    """A library for browsers alone."""
    both_sides_library(target_compatible_with = WASM_ONLY, **kwargs)

def wasm_page(name, srcs, deps, malloc = _MALLOC, pre_js = _FAILURE, runs_in = "web", testonly = False, visibility = None):
    """The program of a page: NAME.js, which the page's HTML names, and NAME.wasm beside it, which NAME.js asks for.

    Args:
      name: of the two files.
      srcs: C++ with a main().
      deps: the libraries of client_wasm/ that it uses, and others.
      malloc: where its memory comes from; "//client_wasm/memory:emmalloc" for a page whose data is large, or aligned in ways
        of its own: it wastes less, and takes 600 bytes more over the wire.
      pre_js: JavaScript that runs before it: in a page, unless another is given, failure.js, which says so where the program
        does not come or fails. None for none.
      runs_in: "worker" for one that the page gives to a dedicated worker, `new Worker("/NAME.js")`.
      testonly: as of a cc_binary.
      visibility: of the two files.
    """
    if runs_in == "worker" and pre_js == _FAILURE:
        pre_js = None  # it has no document
    cc_binary(
        name = name,
        srcs = srcs,
        additional_linker_inputs = [_MEMORY] + ([pre_js] if pre_js else []),
        copts = FOR_THE_PAGE,
        linkopts = LINKED_FOR_THE_PAGE + [
            "-sALLOW_MEMORY_GROWTH=1",
            "-sBINARYEN_EXTRA_PASSES=--flatten,--rereloop,--converge,-Oz,-Oz",  # what -Oz alone does not find
            "-sENVIRONMENT=" + runs_in,
            "-sFILESYSTEM=0",
            "-sINITIAL_MEMORY=1MB",
            "-sMINIMAL_RUNTIME=1",
            "-sMINIMAL_RUNTIME_STREAMING_WASM_INSTANTIATION=1",
            "-sTOTAL_STACK=64KB",
            "-Wl,--stack-first",  # what overflows it meets the memory's end, not the program's data
            "--js-library=$(location {})".format(_MEMORY),
        ] + (["--pre-js=$(location %s)" % pre_js] if pre_js else []),
        malloc = malloc,
        target_compatible_with = WASM_ONLY,
        testonly = testonly,
        visibility = ["//visibility:private"],
        deps = deps,
    )
    wasm_cc_binary(
        name = name + "_files",
        cc_target = ":" + name,
        # What goes over the wire is never a debug build.
        compilation_mode = "opt",
        outputs = [
            "linked/" + name + ".js",
            name + ".wasm",
        ],
        testonly = testonly,
        visibility = visibility,
    )

    # A function of its own, so that the names in it can be short.
    native.genrule(
        name = name + "_shorter",
        srcs = ["linked/" + name + ".js"],
        outs = [name + ".js"],
        cmd = "$(location {}) $(location {}) $< | ".format(_NODE, _TRIM) +
              "$(location {}) --minify --format=iife --log-level=warning >$@".format(_ESBUILD),
        testonly = testonly,
        tools = [
            _ESBUILD,
            _NODE,
            _TRIM,
        ],
        visibility = visibility,
    )
