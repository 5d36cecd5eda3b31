"""How a C++ library of ours is made."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def tidings_library(name, **kwargs):
    """A cc_library whose headers are included as "tidings/PATH/IN/THIS/TREE.h".

    The prefix keeps them apart from a header of the same path in the tree of who builds with us.

    Args:
      name: as of a cc_library.
      **kwargs: as of a cc_library.
    """
    cc_library(
        name = name,
        include_prefix = "tidings/" + native.package_name(),
        **kwargs
    )
