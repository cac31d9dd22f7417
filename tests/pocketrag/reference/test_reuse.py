"""A changed corpus: only what is new is embedded, and the vectors are those of a fresh run, to the bit."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketrag.formats import files
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import run as make
from pocketrag.reference import float_model, float_vectors, reuse
from tests.changes import CHANGES, change
from tests.conftest import make_bert, make_recipe
from tests.pocketrag.pipeline.tables import set_code

texts = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12)


def vector(text):
    return np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], np.int32).astype(np.float32)


@given(texts, texts)
def test_earlier_and_new_vectors_join_to_those_of_a_fresh_run(before, now):
    known = dict(zip(reuse.digests(before), map(vector, before), strict=True))
    wanted = reuse.digests(now)
    rows = reuse.missing(wanted, known)
    new = [now[row] for row in rows]
    assert len(new) == len(set(new)) and set(new) == set(now) - set(before) and rows == sorted(rows)
    found = reuse.joined(wanted, known, [vector(text) for text in new])
    assert np.array_equal(found, np.array([vector(text) for text in now]))


@pytest.mark.parametrize("fixture", ["tiny_bert", "tiny_gemma"])
def test_a_vector_is_a_function_of_its_own_text(fixture, request):
    model = float_model.load_float(request.getfixturevalue(fixture))
    lines = [f"the king {'moves and waits ' * (n % 5)}{n}" for n in range(40)]
    whole = float_model.encode_each(model, lines)
    assert np.array_equal(float_model.encode_each(model, lines[::-3]), whole[::-3])
    assert np.array_equal(np.concatenate([float_model.encode_each(model, [line]) for line in lines]), whole)
    assert np.abs(float_model.encode(model, lines) - whole).max() < 1e-6


@pytest.fixture
def embedded(data, tiny_bert):
    """What embeds the corpus with the reference model in a given work folder, and the data."""
    file = make_recipe(data, tiny_bert)

    def run(work="work"):
        return make(Project.read(str(file), work=str(data / work)), "reference", "base")

    return run, data


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed_is_embedded(embedded, name, capfd):
    run, data = embedded
    assert (run().facts.embedded, run().facts.reused) == (70, 0)
    count = change(data, name)
    again, fresh = run(), run("fresh")
    assert again.ran and again.facts.embedded == count
    assert f"{count} of {again.facts.passages} passages to embed" in capfd.readouterr().err
    assert fresh.facts.reused == 0 and again.digest == fresh.digest


def test_long_passages_are_reused_too(embedded):
    run, data = embedded
    edit(data / "tiny.toml", "[export]", '[export]\nlong_passages = "split"')
    rows = [json.loads(line) for line in (data / "corpus.jsonl").read_text().splitlines()]
    rows[6]["text"] *= 20
    (data / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run().facts.over_length == 1
    change(data, "one text")
    again = run()
    assert (again.facts.embedded, again.facts.over_length) == (1, 1) and again.digest == run("fresh").digest


@pytest.mark.parametrize("other", ["prompt", "embedder", "policy", "processor", "code", "damage", "a half"])
def test_nothing_is_reused_where_anything_else_differs(embedded, other, tmp_path, monkeypatch):
    run, data = embedded
    folder = run().folder
    change(data, "one text")
    if other == "prompt":
        edit(data / "tiny.toml", "[train]", '[prompts]\nquery = "ask: {question}"\n[train]')
    elif other == "embedder":
        make_recipe(data, make_bert(tmp_path / "another", seed=1))
    elif other == "policy":
        edit(data / "tiny.toml", "[export]", '[export]\nlong_passages = "cut"')
    elif other == "processor":
        monkeypatch.setattr(float_model, "processor", lambda: "another")
    elif other == "code":
        set_code(monkeypatch, "another")
    elif other == "damage":
        damaged = np.load(folder / float_vectors.PASSAGES)
        damaged[0, 0] += 1
        np.save(folder / float_vectors.PASSAGES, damaged)
    else:
        (folder / "passages.texts").unlink()
    again = run()
    assert (again.facts.embedded, again.facts.reused) == (70, 0)
    assert again.digest == run("fresh").digest


def test_questions_are_embedded_in_batches_and_reused_all_or_none(embedded, capfd):
    run, data = embedded
    run()
    change(data, "one less")
    again = run()
    assert "0 of 140 questions to embed" in capfd.readouterr().err and again.digest == run("fresh").digest
    with (data / "queries.jsonl").open("a") as stream:
        stream.write('{"_id": "q", "text": "what waits ?"}\n')
    again = run()
    assert "141 of 141 questions to embed" in capfd.readouterr().err
    assert files.digests(again.folder).keys() == {
        *(f"{n}.{e}" for n in ("passages", "questions") for e in ("npy", "texts")),
        "manifest.json",
    }
    assert again.digest == run("fresh 2").digest


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
