"""A site as C++: one document, and what its program is."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def site_library(name, page, parts, files, **kwargs):
    """Embeds a site, compressed, for server/site.h: `tidings::site_files()`, of which a program has one.

    Args:
      name: of the library.
      page: the HTML.
      parts: the style sheet, script and icon that the HTML names, each of which is put in the place of its name.
      files: what else is asked for, by the names of the files.
      **kwargs: as of a cc_library.
    """
    native.genrule(
        name = name + "_page",
        srcs = [page] + parts,
        outs = ["joined/" + page],
        cmd = "$(location @host_node//:node) $(location //web:join.mjs) $@ $(SRCS)",
        tools = [
            "//web:join.mjs",
            "@host_node//:node",
        ],
    )
    native.genrule(
        name = name + "_files",
        srcs = ["joined/" + page] + files,
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
