"""Emscripten's own libraries, which a sandboxed link finds ready.

Emscripten compiles them when a link first needs them, into a cache. Debian 12's package and emsdk bring a full one;
later Debian packages bring none, and nothing may be written outside of a sandbox.
"""

# How BUILD files link, as far as it decides which of the libraries are needed.
_LINKS = {
    "tests": ["-O1", "-sASSERTIONS=1", "-sENVIRONMENT=node", "-sNODERAWFS=1", "-sSINGLE_FILE=1"],
    "programs": ["-O2", "-sENVIRONMENT=node", "-sSINGLE_FILE=1"],
    "pages": ["-Oz", "-fno-exceptions", "-fno-rtti", "-sFILESYSTEM=0", "-sMALLOC=emmalloc", "-sMINIMAL_RUNTIME=1"],
}

_PROGRAM = """#include <cstdio>
#include <string>

int main() { std::puts(std::string("ready").c_str()); }
"""

def _config(repository_ctx, emcc, key):
    command = emcc.dirname.get_child("em-config")
    asked = repository_ctx.execute([command, key])
    if asked.return_code != 0:
        fail("em-config does not run:\n" + asked.stderr)
    return asked.stdout.strip()

def fill_cache(repository_ctx, emcc, environment):
    """Makes the libraries where they are not there for good.

    Args:
      repository_ctx: of the repository rule.
      emcc: its path.
      environment: what it needs to run.
    Returns:
      a struct: `environment`, what else it needs so that it writes to no cache, and `has_lto`, whether there are the
      libraries that a link with -flto takes. They make a page of Emscripten 3 smaller, and not one of 6.
    """
    cache = _config(repository_ctx, emcc, "CACHE")
    if _config(repository_ctx, emcc, "FROZEN_CACHE") == "True":
        has_lto = repository_ctx.path(cache + "/sysroot/lib/wasm32-emscripten/lto").exists
        return struct(environment = {}, has_lto = has_lto)
    repository_ctx.file("ready.cc", _PROGRAM, executable = False)
    for kind, flags in _LINKS.items():
        repository_ctx.report_progress("making Emscripten's libraries for %s, which takes minutes the first time" % kind)
        linked = repository_ctx.execute(
            [emcc, "-sDEFAULT_TO_CXX=1", "ready.cc", "-o", "ready.js"] + flags,
            environment = environment,
            timeout = 3600,
        )
        if linked.return_code != 0:
            fail("emcc does not link:\n" + linked.stderr)
    return struct(
        environment = {
            "EM_CACHE": cache,
            "EM_FROZEN_CACHE": "1",
        },
        has_lto = False,
    )
