"""How this folder is compiled: in the page for its size over the wire, natively as everything else."""

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

WASM_ONLY = ["@platforms//cpu:wasm32"]

def both_sides_library(**kwargs):
    """A library without a browser's functions of its own, which is tested natively too."""
    cc_library(
        copts = select({
            "@platforms//cpu:wasm32": FOR_THE_PAGE,
            "//conditions:default": [],
        }),
        **kwargs
    )

def wasm_library(**kwargs):
    """A library for browsers alone."""
    both_sides_library(target_compatible_with = WASM_ONLY, **kwargs)
