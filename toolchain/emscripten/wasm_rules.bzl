"""The rules for wasm, under the name that emsdk gives them."""

load(":wasm_cc_binary.bzl", _wasm_cc_binary = "wasm_cc_binary")

wasm_cc_binary = _wasm_cc_binary
