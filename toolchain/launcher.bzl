"""What the rules that run something under node have in common."""

def launcher(ctx, command, files):
    """The providers of a target that runs a command in the runfiles directory.

    Args:
      ctx: of the rule, which has an attribute `data`.
      command: words of a shell, to which the target's own arguments are added.
      files: that the command needs, beside the data.
    Returns:
      the rule's providers.
    """
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(
        script,
        "#!/bin/bash\nexec {} \"$@\"\n".format(" ".join(command)),
        is_executable = True,
    )
    runfiles = ctx.runfiles(files = files + ctx.files.data)
    for target in ctx.attr.data:
        runfiles = runfiles.merge(target[DefaultInfo].data_runfiles)
        runfiles = runfiles.merge(target[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = script, runfiles = runfiles)]
