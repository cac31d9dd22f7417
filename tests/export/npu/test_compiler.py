"""The compiler's own process: what it says is understood, and what it does not do is noticed."""

import ctypes
import os
import sys
from pathlib import Path

import pytest
from pocketrag.export.npu import compiler
from pocketrag.export.npu.compiler import compile_for
from pocketrag.export.npu.compiler_process import LEVELS
from pocketrag.export.npu.empty_library import write_empty_library
from pocketrag.export.npu.lengths import fitting, lengths_for
from pocketrag.export.npu.toolchain import Toolchain, find_toolchain

from pocketrag.errors import GateError, InputError
from pocketrag.formats.layout import MODEL
from tests.npu import SOC, needs_npu


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "half.tflite"
    file.write_bytes(bytes(1000))
    return file


def tools(folder: Path, script: str) -> Toolchain:
    """A compiler that does what a shell script says; "$out" is the file to write."""
    program = folder / "litert" / "tools" / "apply"
    program.parent.mkdir(parents=True, exist_ok=True)
    find = 'for a in "$@"; do case "$a" in --o=*) out="${a#--o=}";; esac; done'
    program.write_text(f"#!/bin/sh\n{find}\n{script}\n")
    program.chmod(0o755)
    return Toolchain(program, folder, folder)


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64", reason="a library for Linux on x86-64"
)
def test_the_empty_library_opens_and_is_the_same_each_time(tmp_path):
    for name in ("a.so", "b.so"):
        write_empty_library(tmp_path / name)
    opened = ctypes.CDLL(str(tmp_path / "a.so"))
    with pytest.raises(AttributeError):
        _ = opened.anything
    assert (tmp_path / "a.so").read_bytes() == (tmp_path / "b.so").read_bytes()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'ERROR: [x.cc:1] Unexpected SoC model: SM9999' >&2; exit 1", "does not know it"),
        ("kill -SEGV $$", r"the compiler died \(SIGSEGV\)"),
        ("kill -KILL $$", r"the compiler died \(SIGKILL\)"),
        (
            "echo 'ERROR: [qnn.cc:7] Gelu failed' >&2; exit 1",
            "can't be compiled.*first error: ERROR.*Gelu failed",
        ),
        (
            "echo 'Partitioned subgraph<0>, selected 3 ops, from a total of 9 ops.' >&2; exit 1",
            "takes 3 of 9 operations",
        ),
        (': > "$out"', "can't be compiled"),
        ("true", "can't be compiled"),
    ],
)
def test_what_the_compiler_does_instead_is_one_sentence(script, said, source, tmp_path):
    with pytest.raises(InputError, match=said) as error:
        compile_for("SM9999", source, tmp_path / "out.tflite", tools(tmp_path, script))
    assert "SM9999" in str(error.value) and "\n" not in str(error.value)


def test_a_file_that_is_no_model_is_refused(source, tmp_path):
    with pytest.raises(InputError, match="LiteRT can't open it"):
        compile_for(SOC, source, tmp_path / "out.tflite", tools(tmp_path, 'echo nonsense > "$out"'))


def test_what_is_left_to_the_cpu_is_refused_with_its_operations(tiny_built, source, tmp_path):
    # A model that nobody compiled: no partition at all.
    model = tiny_built / "work" / "tiny" / "quantize-base" / MODEL
    with pytest.raises(GateError, match=r"SM8750: embed_\d+ comes to 0 partitions.*FULLY_CONNECTED"):
        compile_for(SOC, source, tmp_path / "out.tflite", tools(tmp_path, f'cp {model} "$out"'))


def test_too_little_disk_is_said_before_anything_is_written(source, tmp_path, monkeypatch):
    monkeypatch.setattr(compiler, "free_disk", lambda folder: 100)
    with pytest.raises(InputError, match="no space: compiling for SM8750 takes about"):
        compile_for(SOC, source, tmp_path / "out.tflite", tools(tmp_path, 'cp /dev/null "$out"'))
    assert not (tmp_path / "out.tflite").exists()


def test_a_disk_that_fills_up_is_named(source, tmp_path, monkeypatch):
    left = iter([10**9, 0])
    monkeypatch.setattr(compiler, "free_disk", lambda folder: next(left))
    with pytest.raises(InputError, match="The disk is full"):
        compile_for(SOC, source, tmp_path / "out.tflite", tools(tmp_path, "exit 1"))


@pytest.mark.parametrize("level", LEVELS)
def test_the_compiler_is_asked_for_the_level(level, source, tmp_path):
    asking = tools(tmp_path, f'echo "$@" > {tmp_path}/asked; exit 1')
    with pytest.raises(InputError):
        compile_for(SOC, source, tmp_path / "out.tflite", asking, level=level)
    assert f"--qualcomm_optimization_level={LEVELS[level]}" in (tmp_path / "asked").read_text().split()


@needs_npu
def test_the_parts_are_found_in_their_packages():
    found = find_toolchain()
    assert os.access(found.program, os.X_OK) and all(folder.is_dir() for folder in found.libraries)


@needs_npu
@pytest.mark.parametrize("content", [None, b"", b"a stub that would download the rest"])
def test_a_package_that_came_without_its_contents_is_recognised(content, tmp_path, monkeypatch):
    import onnxruntime_qnn

    if content is not None:
        (tmp_path / "libQnnHtp.so").write_bytes(content)
    monkeypatch.setattr(onnxruntime_qnn, "get_library_path", lambda: str(tmp_path / "libprovider.so"))
    with pytest.raises(InputError, match=r"its libQnnHtp\.so is missing or empty"):
        find_toolchain()


@pytest.mark.parametrize(
    ("tokens", "wanted"),
    [([5] * 100, (16,)), ([5] * 95 + [20] * 5, (16,)), ([5] * 94 + [20] * 6, (32,)), ([99], (64,))],
)
def test_the_shortest_length_that_holds_95_percent_of_the_questions(tokens, wanted):
    assert lengths_for(tokens, (16, 32, 64)) == wanted
    assert fitting([1, 16, 17, 40], 16) == 0.5
