"""Bundles of several encoders: which answers, with which settings, what is opened when; and what a manifest of them may not be."""

import shutil

import numpy as np
import pytest

import pocketrag
from pocketrag.formats.golden import pack
from tests.bench.damage import edit_json
from tests.gradle_bundle import jvm
from tests.gradle_bundle.contract2 import THRESHOLD, differ, with_fallback
from tests.gradle_bundle.test_bad_bundles import QUESTION, golden_task
from tests.ladders import as_version_1

pytestmark = pytest.mark.usefixtures("kotlin")

QUESTIONS = (QUESTION, "what falls if queen 1 ?", "when may the rook 3 wait ?")
TOKENIZER = "tokenizer.json"


def of_fallback(change):
    return lambda manifest: change(manifest["encoders"][1])


@pytest.fixture
def two(tiny_bundle, tmp_path):
    """A bundle whose fallback differs from its main encoder in prompts, lengths and fusion."""
    return with_fallback(tiny_bundle, tmp_path / "two", of_fallback(differ))


@pytest.fixture
def twin(tiny_bundle, tmp_path):
    """A bundle of version 1 whose only encoder has the fallback's settings: what the desktop makes of them."""
    bundle = shutil.copytree(tiny_bundle, tmp_path / "twin")
    edit_json(bundle / "manifest.json", lambda m: differ(m["encoders"][0]))
    as_version_1(bundle)
    return bundle


def answers(bundle):
    """Return the desktop's answers in each mode that is asked for, and what the model gives for the questions."""
    with pocketrag.open(bundle) as rag:
        found = [rag.search(question, mode=mode) for question in QUESTIONS for mode in (None, "dense")]
        return found, jvm.vectors(rag, QUESTIONS)["vectors"]


def requests():
    return [{"question": q, **mode} for q in QUESTIONS for mode in ({}, {"mode": "dense"})]


def lexical_fallback(bundle, folder):
    """Return a copy whose fallback is searched by full text alone unless a search says otherwise."""
    return with_fallback(bundle, folder / "lexical", of_fallback(lambda e: e["fusion"].update(mode="bm25")))


def alike(row, answer):
    assert [hit["id"] for hit in row["hits"]] == [hit.id for hit in answer.hits]
    assert [hit["score"] for hit in row["hits"]] == pytest.approx([hit.score for hit in answer.hits])
    assert row["mode"] == answer.mode and row["best"] == answer.best


def test_each_encoder_answers_with_its_own_settings(tiny_bundle, two, twin):
    (by_main, first), (by_twin, second) = answers(tiny_bundle), answers(twin)
    task = {"folders": [two], "requests": requests(), "vectors": first + second}
    nan = [[ids, pack(np.full(32, np.nan))] for ids, _ in first]
    fine, *fallen, started = jvm.run(
        ("search", task), ("search", {**task, "broken": {"full": "no library"}}), ("search", {**task, "failing": ["full"]}),
        ("search", {**task, "vectors": nan + second}), ("search", {**task, "start": "fallback"}),
    )  # fmt: skip
    for row, answer in zip(fine, by_main, strict=True):
        alike(row, answer)
        assert row["encoder"] == "full" and "fell_back" not in row and row.get("threshold") != THRESHOLD
    for rows, why in zip([*fallen, started], ("no library", "out of order", "NaN", None), strict=True):
        for row, answer in zip(rows, by_twin, strict=True):
            alike(row, answer)
            assert row["encoder"] == "static" and row["threshold"] == THRESHOLD
            assert ("fell_back" in row) == bool(why)
            if why:
                start, end = row["fell_back"].split(why)
                assert start.startswith("the encoder full can't be used (")
                assert end.endswith("); static answered")


def test_where_none_can_be_used_full_text_answers_and_names_each(tiny_bundle, two):
    with pocketrag.open(tiny_bundle) as rag:
        wanted = [[hit.id for hit in rag.search(q, mode="bm25").hits] for q in QUESTIONS for _ in range(2)]
    task = {"folders": [two], "requests": requests(), "vectors": [], "broken": "no library"}
    both, started = jvm.run(("search", task), ("search", {**task, "start": "fallback"}))
    for rows, names in ((both, ["full", "static"]), (started, ["static"])):
        assert [[hit["id"] for hit in row["hits"]] for row in rows] == wanted
        for row in rows:
            assert row["mode"] == "bm25" and "encoder" not in row
            *reasons, end = row["fell_back"].split("; ")
            assert end == "full text alone answered" and len(reasons) == len(names)
            assert all(f"the encoder {n} can't be used (" in r for n, r in zip(names, reasons, strict=True))


def test_an_encoder_is_opened_when_it_is_needed_and_once(tiny_bundle, two, twin, tmp_path):
    own = with_fallback(
        tiny_bundle,
        tmp_path / "own",
        of_fallback(lambda e: e["embedder"]["tokenizer"].update(file="other.json")),
    )
    shutil.copyfile(own / TOKENIZER, own / "other.json")
    edit_json(own / "manifest.json", lambda m: m["files"].update({"other.json": m["files"][TOKENIZER]}))
    unknown = with_fallback(
        tiny_bundle,
        tmp_path / "unknown",
        of_fallback(lambda e: e["embedder"]["tokenizer"].update(kind="unigram")),
    )
    lexical = lexical_fallback(tiny_bundle, tmp_path)
    asked = [{"question": QUESTION, "mode": "bm25"}, {"question": QUESTION}, {"question": QUESTION}]
    task = {"requests": asked, "vectors": answers(tiny_bundle)[1] + answers(twin)[1]}
    broken = {"broken": {"full": "no memory"}}
    cases = [
        ({"folders": [two]}, [[TOKENIZER, "full"], [], [], []], "full"),
        ({"folders": [two], "start": "fallback"}, [[TOKENIZER, "static"], [], [], []], "static"),
        ({"folders": [tiny_bundle], "start": "fallback"}, [[TOKENIZER, "full"], [], [], []], "full"),
        ({"folders": [two], **broken}, [[TOKENIZER, "full"], [], ["static"], []], "static"),
        ({"folders": [two], "failing": ["full"]}, [[TOKENIZER, "full"], [], ["static"], []], "static"),
        ({"folders": [own], **broken}, [[TOKENIZER, "full"], [], ["other.json", "static"], []], "static"),
        ({"folders": [unknown], **broken}, [[TOKENIZER, "full"], [], [TOKENIZER], []], None),
        ({"folders": [lexical], **broken}, [[TOKENIZER, "full"], [], [], []], None),
        ({"folders": [two], "start": "fallback", "failing": ["static"]}, [[TOKENIZER, "static"], [], [], []], None),
        ({"folders": [two], "start": "fallback", "broken": "no memory"}, [[TOKENIZER, "static"], [], [], []], None),
    ]  # fmt: skip
    results = jvm.run(*(("chain", {**task, **more}) for more, _, _ in cases))
    for result, (more, wanted, name) in zip(results, cases, strict=True):
        assert [row["opened"] for row in result["rows"]] == wanted, more
        assert [row.get("encoder") for row in result["rows"][1:]] == [None, name, name], more
        assert "fell_back" not in result["rows"][1] and not result["open"]
    assert '"unigram" is unknown' in results[6]["rows"][2]["fell_back"]


def test_an_encoder_is_asked_where_the_mode_that_holds_for_it_has_vectors(tiny_bundle, tmp_path):
    lexical = lexical_fallback(tiny_bundle, tmp_path)
    led = with_fallback(
        tiny_bundle, tmp_path / "led", lambda m: m["encoders"][0]["fusion"].update(mode="bm25")
    )
    modes = [None, "bm25", "dense", "hybrid"]
    asked = [{"question": QUESTION, **({"mode": mode} if mode else {})} for mode in modes]
    task = {"requests": asked, "vectors": answers(tiny_bundle)[1], "failing": ["full"]}
    fallen, silent, fine = jvm.run(
        ("search", {**task, "folders": [lexical]}), ("search", {**task, "folders": [led]}),
        ("search", {**task, "folders": [led], "failing": []}),
    )  # fmt: skip
    for rows, name in ((fallen, "static"), (silent, "static"), (fine, "full")):
        assert [row["mode"] for row in rows] == ["bm25", "bm25", "dense", "hybrid"]
        assert [row.get("encoder") for row in rows] == [None, None, name, name]
    # A main encoder of full text alone is not asked, so nothing failed; a fallback of it is not asked, but the main one had failed.
    assert ["fell_back" in row for row in silent] == [False, False, True, True]
    assert ["fell_back" in row for row in fallen] == [True, False, True, True]
    assert (
        fallen[0]["fell_back"].endswith("; full text alone answered")
        and "static" not in fallen[0]["fell_back"]
    )
    assert not any("fell_back" in row for row in fine)


def test_adapters_get_vectors_of_the_fallback_too(tiny_bundle, two, twin):
    passage = "the king moves when the queen 0 is on the board"
    with pocketrag.open(twin) as rag:
        prompted = rag.spec.prompts.passage("", passage)
        task = {
            **jvm.vectors(rag, [QUESTION], [prompted]),
            "question": QUESTION,
            "passage": passage,
            "least": 0.0,
        }
        wanted = [rag.embed(QUESTION), rag.embedder.embed(prompted)]
    found = jvm.run(*(
        ("edge", {**task, "folders": [two], **how})
        for how in ({"broken": {"full": "no memory"}}, {"failing": ["full"]}, {"start": "fallback"})
    ))  # fmt: skip
    for row in found:
        assert np.allclose(row["both"], wanted, atol=1e-7) and np.allclose(
            row["vector"], wanted[0], atol=1e-7
        )


#: What is done to a manifest of version 2 -> the exception, and words of its message.
BAD = {
    "fine": (lambda m: None, None, ""),
    "one encoder": (lambda m: m["encoders"].pop(), None, ""),
    "no list": (lambda m: m.pop("encoders"), "BadManifestException", "`encoders` is missing"),
    "no encoder": (lambda m: m["encoders"].clear(), "BadManifestException", "one main, then perhaps a fallback"),
    "no object": (lambda m: m.update(encoders=["full"]), "BadManifestException", "`encoders` is not what"),
    "no main": (lambda m: m["encoders"].pop(0), "BadManifestException", "one main, then perhaps a fallback"),
    "the fallback first": (lambda m: m["encoders"].reverse(), "BadManifestException", "one main, then"),
    "two mains": (lambda m: m["encoders"][1].update(m["encoders"][0]), "BadManifestException", "one main, then"),
    "two fallbacks": (lambda m: m["encoders"].append(m["encoders"][1]), "BadManifestException", "one main, then"),
    "one name": (of_fallback(lambda e: e.update(name="full")), "BadManifestException", "share a name, full"),
    "a role": (of_fallback(lambda e: e.update(role="spare")), "BadManifestException", "`encoders[1].role` is not"),
    "a file": (of_fallback(lambda e: e.update(file="embedder.tflite")), "BadManifestException", "`encoders[1].file` is not"),
    "a golden file": (of_fallback(lambda e: e.pop("golden")), "BadManifestException", "`encoders[1].golden` is missing"),
    "dims": (of_fallback(lambda e: e["embedder"].update(dims=16)), "BadManifestException", "same dims: 32, 16"),
    "falling lengths": (
        of_fallback(lambda e: e["embedder"].update(lengths=[32, 16])), "BadManifestException", "`encoders[1].embedder.lengths` must rise"
    ),
    "no question": (
        of_fallback(lambda e: e["embedder"]["prompts"].update(query="query: ")), "BadManifestException", "`encoders[1].embedder.prompts.query` lacks"
    ),
    "fusion": (of_fallback(lambda e: e["fusion"].update(fusion="sum")), "BadManifestException", "`encoders[1].fusion.fusion` is not"),
    "no fallback listed": (lambda m: m["files"].pop("fallback.tflite"), "BadManifestException", "does not list fallback.tflite"),
    "no golden listed": (lambda m: m["files"].pop("fallback.golden.json"), "BadManifestException", "does not list fallback.golden.json"),
    "another main": (lambda m: m["files"]["embedder.tflite"].update(sha256="0" * 64), "MismatchException", "embedder.tflite is"),
    "a damaged fallback": (lambda m: m["files"]["fallback.tflite"].update(sha256="0" * 64), "CorruptFileException", "fallback.tflite"),
    "contract 3": (lambda m: m.update(contract=3), "WrongContractException", "version 3, this runtime reads 1 to 2"),
}  # fmt: skip


def test_a_manifest_of_encoders_that_is_none_is_refused(tiny_bundle, tmp_path):
    folders = [
        with_fallback(tiny_bundle, tmp_path / f"bad{n}", change)
        for n, (change, _, _) in enumerate(BAD.values())
    ]
    (found,) = jvm.run(("failures", {"folders": folders, "vectors": []}))
    for (name, (_, wanted, words)), row in zip(BAD.items(), found, strict=True):
        assert (row and row["type"]) == wanted and (row is None or words in row["message"]), (name, row)


def test_the_self_test_is_of_every_encoder_by_its_own_golden_file(tiny_bundle, tmp_path):
    bundle = with_fallback(tiny_bundle, tmp_path / "alike")
    changed = with_fallback(tiny_bundle, tmp_path / "changed", of_fallback(differ))
    task = {**golden_task(tiny_bundle), "folders": [bundle]}
    fine, broken, started, other = jvm.run(
        ("selftest", task), ("selftest", {**task, "broken": {"full": "no memory"}}), ("selftest", {**task, "start": "fallback"}),
        ("selftest", {**task, "folders": [changed], "broken": {"static": "no memory"}}),
    )  # fmt: skip
    names = ["tokens", "cosine", "least cosine", "ranking"]
    assert fine["passed"] and [(c["encoder"], c["name"]) for c in fine["checks"]] == [
        (encoder, name) for encoder in ("full", "static") for name in names
    ]
    assert [c["encoder"] for c in started["checks"]] == ["static"] * 4 and started["passed"]
    assert [(c["encoder"], c["name"], c["passed"]) for c in broken["checks"]] == [
        ("full", "model", False), *(("static", name, True) for name in names)
    ]  # fmt: skip
    assert "no memory" in broken["checks"][0]["detail"] and not broken["passed"]
    assert [c["passed"] for c in other["checks"]] == [True] * 4 + [False]
