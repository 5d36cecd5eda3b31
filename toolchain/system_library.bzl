"""A system package as a Bazel repository.

Native compilers find system headers by themselves, so most of these repositories hold only a BUILD
file that says how to compile and link against the package.
"""

load("//toolchain:missing.bzl", "says_that_it_is_missing")

# Whatever includes such a library waits for a header that is not made.
_MISSING = """load("@rules_cc//cc:defs.bzl", "cc_library")

genrule(
    name = "missing",
    outs = ["missing.h"],
    cmd = "{}",
)

[
    cc_library(
        name = name,
        hdrs = ["missing.h"],
        visibility = ["//visibility:public"],
    )
    for name in {}
]
"""

def _system_library_impl(repository_ctx):
    if not repository_ctx.path(repository_ctx.attr.probe).exists:
        build_file = repository_ctx.read(repository_ctx.attr.build_file)
        names = [after.partition("\"")[0] for after in build_file.split("    name = \"")[1:]]
        sentence = says_that_it_is_missing(repository_ctx.attr.probe, repository_ctx.attr.package)
        repository_ctx.file("BUILD", _MISSING.format(sentence, names), executable = False)
        return
    for target, link in repository_ctx.attr.links.items():
        repository_ctx.symlink(target, link)
    repository_ctx.symlink(repository_ctx.attr.build_file, "BUILD")

_system_library = repository_rule(
    attrs = {
        "build_file": attr.label(mandatory = True),
        "links": attr.string_dict(doc = "System directory: where it appears in the repository."),
        "package": attr.string(mandatory = True, doc = "The Debian package that has the probe."),
        "probe": attr.string(mandatory = True, doc = "A file that tells whether the package is there."),
    },
    doc = "A repository around one system package; what uses it fails with the package's name if it is missing.",
    implementation = _system_library_impl,
    local = True,
)

def system_library(name, **kwargs):
    """A _system_library whose BUILD file is toolchain/libraries/NAME.BUILD.

    Args:
      name: of the repository.
      **kwargs: the rule's other attributes.
    """
    _system_library(
        name = name,
        build_file = Label("//toolchain/libraries:" + name + ".BUILD"),
        **kwargs
    )
