#!/bin/bash
# Archives with Emscripten's ar, in the environment that the system's package needs.
# ENVIRONMENT: what emscripten.bzl found the tool to need.
exec '%{tool}' "$@"
