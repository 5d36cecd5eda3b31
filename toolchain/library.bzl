"""How a C++ library of ours is made."""

load("@rules_cc//cc:defs.bzl", "cc_library")

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
        copts = ["-std=c++20"] + copts,
        include_prefix = "tidings/" + native.package_name(),
        **kwargs
    )
