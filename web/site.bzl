"""A site as C++: documents that hold their parts, and what else is asked for."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def joined_page(name, page, parts, visibility = None):
    """One document, `:joined/PAGE`, which saves the heads of the responses that its parts would need.

    Args:
      name: of the rule.
      page: the HTML.
      parts: the style sheet, script and icon that the HTML names, each of which is put in the place of its name.
      visibility: of the document.
    """
    native.genrule(
        name = name,
        srcs = [page] + parts,
        outs = ["joined/" + page],
        cmd = "$(location @host_node//:node) $(location //web:join.mjs) $@ $(SRCS)",
        tools = [
            "//web:join.mjs",
            "@host_node//:node",
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
        cmd = "$(location @host_node//:node) $(location //web:embed.mjs) $@ $(SRCS)",
        tools = [
            "//web:embed.mjs",
            "@host_node//:node",
        ],
    )
    cc_library(
        name = name,
        srcs = [name + "_files.cc"],
        deps = ["//web:site_file"],
        **kwargs
    )
