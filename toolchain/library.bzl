"""How a C++ library of ours is made."""

load("@rules_cc//cc:defs.bzl", "cc_library")

# What a page leaves out: it has nothing to catch and no types to ask for. The rest is for its size over the wire:
# across all files at once, and copying by the machine's own instruction, which every browser has had since 2021.
FOR_THE_PAGE = [
    "-Oz",
    "-flto",
    "-fno-exceptions",
    "-fno-rtti",
    "-mbulk-memory",
]

# Of the tree that has this file, whoever calls. A string all the same: Bazel 4 takes no Label for a key of select().
WASM = str(Label("@platforms//cpu:wasm32"))

def tidings_library(name, copts = [], **kwargs):
    """A cc_library in C++20 whose headers are included as "tidings/PATH/IN/THIS/TREE.h".

    The prefix keeps them apart from a header of the same path in the tree of who builds with us, and the flag is here
    since that tree's own flags may say something else.

    Args:
      name: as of a cc_library.
      copts: as of a cc_library.
      **kwargs: as of a cc_library.
    """
    cc_library(
        name = name,
        copts = ["-std=c++20"] + copts + select({
            WASM: FOR_THE_PAGE,
            "//conditions:default": [],
        }),
        include_prefix = "tidings/" + native.package_name(),
        **kwargs
    )
