"""The texts in the header of a `.litertlm`: what litert-lm-builder writes is read, and damage is an error, no crash."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litert_lm_builder import litertlm_builder as builder
from pocketrag.export.litertlm.same_bytes import write_same

from pocketrag.errors import InputError
from pocketrag.formats.embedder.litertlm_header import PROMPTS_KEY, prompts_in, read_texts
from pocketrag.formats.prompts import Prompts

PROMPTS = Prompts(query="task: suche | frage: {question}", document="{title} {text}", untitled="none")


def write(file, texts):
    made = builder.LitertLmFileBuilder()
    for key, value in texts.items():
        made.add_system_metadata(builder.Metadata(key, value, builder.DType.STRING))
    made.add_system_metadata(builder.Metadata("a number", 7, builder.DType.INT32))
    write_same(made, file)
    return file


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    file = tmp_path_factory.mktemp("header") / "file.litertlm"
    return write(file, {PROMPTS_KEY: json.dumps(PROMPTS.model_dump())}).read_bytes()


@given(st.dictionaries(st.text(min_size=1, max_size=20).filter(lambda key: key not in ("uuid", "a number", "creation_timestamp")), st.text(max_size=60), max_size=5))  # fmt: skip
def test_texts_come_back(tmp_path_factory, texts):
    file = write(tmp_path_factory.mktemp("texts") / "file.litertlm", texts)
    found = read_texts(file)
    assert {key: found.pop(key) for key in texts} == texts
    assert set(found) == {"uuid", "creation_timestamp"}


def test_prompts_come_back_and_others_are_none(content, tmp_path):
    file = tmp_path / "file.litertlm"
    file.write_bytes(content)
    assert prompts_in(read_texts(file)) == PROMPTS
    for texts in ({}, {PROMPTS_KEY: "{"}, {PROMPTS_KEY: '{"query": "no field"}'}, {PROMPTS_KEY: "[]"}):
        assert prompts_in(texts) is None


@given(st.binary(max_size=200))
def test_what_is_no_litertlm_is_refused(tmp_path_factory, junk):
    file = tmp_path_factory.mktemp("junk") / "file.litertlm"
    for data in (junk, b"LITERTLM" + junk):
        file.write_bytes(data)
        try:
            read_texts(file)
        except InputError:
            continue


@given(st.integers(8, 700), st.integers(0, 255))
def test_a_damaged_byte_gives_texts_or_an_error(content, tmp_path_factory, at, value):
    damaged = bytearray(content)
    damaged[at % len(damaged)] = value
    file = tmp_path_factory.mktemp("damaged") / "file.litertlm"
    file.write_bytes(damaged)
    try:
        found = read_texts(file)
    except InputError:
        return
    assert all(isinstance(value, str) for value in found.values())
