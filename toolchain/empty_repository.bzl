"""Repositories that Bazel asks for by name in a build that never uses what is in them."""

def _empty_repository_impl(repository_ctx):
    repository_ctx.file("BUILD", repository_ctx.attr.build, executable = False)

empty_repository = repository_rule(
    attrs = {"build": attr.string()},
    doc = "A repository with one BUILD file of the given text.",
    implementation = _empty_repository_impl,
)
