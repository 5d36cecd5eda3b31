"""A site as C++: documents that hold their parts, and what else is asked for."""

load("@rules_cc//cc:defs.bzl", "cc_library")

# The tree that builds with us calls these macros, where a plain string would be a label of its own.
_EMBED = Label("//web:embed.mjs")
_JOIN = Label("//web:join.mjs")
_NODE = Label("@host_node//:node")
_ZOPFLI = Label("@zopfli//:zopfli")

def joined_page(name, page, parts, visibility = None):
    """One document, `:joined/PAGE`, which saves the heads of the responses that its parts would need, and the time.

    Args:
      name: of the rule.
      page: the HTML.
      parts: the style sheet, script and icon that the HTML names, each of which is put in the place of its name, and the
        .wasm that the script fetches.
      visibility: of the document.
    """
    native.genrule(
        name = name,
        srcs = [page] + parts,
        outs = ["joined/" + page],
        cmd = "$(location {}) $(location {}) $@ $(SRCS)".format(_NODE, _JOIN),
        tools = [
            _JOIN,
            _NODE,
        ],
        visibility = visibility,
    )

def site_library(name, files, **kwargs):
    """Embeds a site, compressed, for server/http/site.h: `tidings::site_files()`, of which a program has one.

    Args:
      name: of the library.
      files: documents and what they ask for, by the names of the files.
      **kwargs: as of a cc_library.
    """
    native.genrule(
        name = name + "_files",
        srcs = files,
        outs = [name + "_files.cc"],
        cmd = "$(location {}) $(location {}) $(location {}) $@ $(SRCS)".format(_NODE, _EMBED, _ZOPFLI),
        tools = [
            _EMBED,
            _NODE,
            _ZOPFLI,
        ],
    )
    cc_library(
        name = name,
        srcs = [name + "_files.cc"],
        copts = ["-std=c++20"],
        deps = [Label("//web:site_file")],
        **kwargs
    )
