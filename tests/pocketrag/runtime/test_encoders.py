"""A bundle of two encoders: which answers, what is said of it, and that a fallback is opened only when it is needed."""

import json
import shutil

import pytest

import pocketrag
from pocketrag.cli.main import main
from pocketrag.errors import InputError
from pocketrag.formats.manifest import read_manifest
from pocketrag.runtime.embedder import LiteRtEmbedder
from tests.bench.damage import edit_json, put_digests_right, rename_model
from tests.bench.test_verify import outcomes
from tests.ladders import as_version_1, with_fallback
from tests.pocketrag.runtime.variants import UNREADABLE

QUESTION, OTHER = "what moves if king 0 meets queen ?", "what waits on the clock ?"
FUSION = {"mode": "dense", "fusion": "ranks", "dense_weight": 0.3}


@pytest.fixture(scope="module")
def both(tiny_built, tmp_path_factory):
    """The tiny bundle with a fallback that searches by vectors alone."""
    folder = tmp_path_factory.mktemp("both") / "tiny"
    return with_fallback(shutil.copytree(tiny_built / "out" / "tiny", folder), fusion=FUSION)


@pytest.fixture(scope="module")
def alone(tiny_built):
    with pocketrag.open(tiny_built / "out" / "tiny") as rag:
        yield rag


@pytest.fixture
def opened(monkeypatch):
    """The files of the models that are opened, in order."""
    found, plain = [], LiteRtEmbedder._open

    def record(self, threads):
        model = plain(self, threads)
        found.append(self._file.name)
        return model

    monkeypatch.setattr(LiteRtEmbedder, "_open", record)
    return found


def break_model(bundle, *names):
    for name in names:
        (bundle / name).write_bytes(UNREADABLE)
    rename_model(bundle)
    put_digests_right(bundle)
    return bundle


def fails(monkeypatch, file, word=""):
    """Let the model of a file fail on texts with a word."""
    one, many = LiteRtEmbedder.embed, LiteRtEmbedder.embed_many

    def check(self, texts):
        if self._file.name == file and any(word in text for text in texts):
            raise RuntimeError("out of memory")

    def embed(self, text):
        check(self, [text])
        return one(self, text)

    def embed_many(self, texts, what="Embedding"):
        check(self, texts)
        return many(self, texts, what)

    monkeypatch.setattr(LiteRtEmbedder, "embed", embed)
    monkeypatch.setattr(LiteRtEmbedder, "embed_many", embed_many)


def test_the_main_encoder_answers_and_no_other_is_opened(both, alone, opened):
    with pocketrag.open(both) as rag:
        answers = [rag.search(QUESTION), *rag.search_many([QUESTION, OTHER])]
    assert opened == ["embedder.tflite"]
    for answer in answers:
        assert (answer.encoder, answer.mode, answer.fell_back) == ("full", "hybrid", None)
    assert answers[0].hits == answers[1].hits == alone.search(QUESTION).hits


def test_the_fallback_answers_with_its_own_fusion_where_the_main_one_does_not_open(
    both, alone, opened, tmp_path
):
    broken = break_model(shutil.copytree(both, tmp_path / "tiny"), "embedder.tflite")
    with pocketrag.open(broken) as rag:
        assert opened == []  # the fallback was not needed yet
        first, second = rag.search(QUESTION), rag.search(QUESTION)
        assert opened == ["fallback.tflite"]
        assert (first.encoder, first.mode) == ("static", "dense") and first == second
        assert first.fell_back.startswith("the encoder full can't be used (")
        assert "embedder.tflite" in first.fell_back and first.fell_back.endswith("; static answered")
        assert first.hits == alone.search(QUESTION, mode="dense").hits
        assert rag.search_many([QUESTION, OTHER]) == [first, rag.search(OTHER)]
        hybrid = rag.search(QUESTION, mode="hybrid")
        assert (hybrid.encoder, hybrid.mode) == ("static", "hybrid")
        with pytest.raises(InputError, match=r"embedder\.tflite"):
            rag.rank(QUESTION)


def test_full_text_answers_where_no_encoder_does(both, alone, tmp_path):
    broken = break_model(shutil.copytree(both, tmp_path / "tiny"), "embedder.tflite", "fallback.tflite")
    with pocketrag.open(broken) as rag:
        answer = rag.search(QUESTION)
        assert (answer.encoder, answer.mode) == (None, "bm25")
        for word in ("the encoder full can't", "the encoder static can't", "; full text alone answered"):
            assert word in answer.fell_back
        assert answer.hits == alone.search(QUESTION, mode="bm25").hits
        assert rag.search_many([QUESTION, OTHER]) == [answer, rag.search(OTHER)]


def test_full_text_answers_where_no_tokenizer_can_be_read(both, alone, tmp_path):
    broken = shutil.copytree(both, tmp_path / "tiny")
    (broken / "tokenizer.json").write_text("{")
    put_digests_right(broken)
    with pocketrag.open(broken) as rag:
        answer = rag.search(QUESTION)
        assert (answer.encoder, answer.mode) == (None, "bm25") and "tokenizer.json" in answer.fell_back
        assert answer.hits == alone.search(QUESTION, mode="bm25").hits
        with pytest.raises(InputError, match=r"tokenizer\.json"):
            rag.context(answer, 100)


def test_one_question_that_fails_falls_alone(both, monkeypatch):
    with pocketrag.open(both) as rag:
        fails(monkeypatch, "embedder.tflite", "clock")
        found = rag.search_many([QUESTION, OTHER, QUESTION])
        assert [answer.encoder for answer in found] == ["full", "static", "full"]
        assert found == [rag.search(QUESTION), rag.search(OTHER), rag.search(QUESTION)]
        assert "out of memory" in found[1].fell_back
        monkeypatch.undo()
        assert rag.search(OTHER).encoder == "full"  # the next one may work again


def test_the_app_may_start_at_the_fallback(both, alone, opened, monkeypatch):
    with pocketrag.open(both, start="fallback") as rag:
        answer = rag.search(QUESTION)
        assert (answer.encoder, answer.mode, answer.fell_back) == ("static", "dense", None)
        assert rag.encoder.name == "static" and rag.rank(QUESTION, 10)[0][0] == answer[0].id
        fails(monkeypatch, "fallback.tflite")
        answer = rag.search(QUESTION)
        assert answer.encoder is None and answer.fell_back.endswith("full text alone answered")
    assert opened == ["fallback.tflite"]


def test_a_bundle_without_a_fallback_starts_at_its_main_encoder(tiny_bundle):
    with pocketrag.open(tiny_bundle, start="fallback") as rag:
        assert rag.search(QUESTION).encoder == "full"
    with pytest.raises(InputError, match="start 'full': must be one of main, fallback"):
        pocketrag.open(tiny_bundle, start="full")


def test_full_text_that_was_asked_for_runs_no_model(both, opened, tmp_path):
    lexical = shutil.copytree(both, tmp_path / "tiny")
    edit_json(lexical / "manifest.json", lambda m: m["encoders"][1]["fusion"].update(mode="bm25"))
    put_digests_right(lexical)
    with pocketrag.open(both) as rag:
        answer = rag.search(QUESTION, mode="bm25")
        assert (answer.encoder, answer.fell_back) == (None, None)
    break_model(lexical, "embedder.tflite")
    opened.clear()
    with pocketrag.open(lexical) as rag:
        answer = rag.search(QUESTION)
        assert answer.mode == "bm25" and answer.fell_back.endswith("full text alone answered")
    assert opened == []


def test_the_threshold_is_that_of_the_encoder_that_answers(both, tmp_path):
    from tests.pocketrag.runtime.test_rag import ABSTENTION

    bundle = shutil.copytree(both, tmp_path / "tiny")
    edit_json(
        bundle / "manifest.json",
        lambda m: [e.update(abstention={**ABSTENTION, "threshold": t}) for e, t in zip(m["encoders"], (0.1, 0.2), strict=True)],
    )  # fmt: skip
    put_digests_right(bundle)
    with pocketrag.open(bundle) as rag, pocketrag.open(bundle, start="fallback") as fallback:
        assert rag.search(QUESTION).threshold == 0.1 and fallback.search(QUESTION).threshold == 0.2


def test_version_1_opens_and_passes_its_gates(tiny_bundle, alone):
    wanted = alone.search(QUESTION)
    with pocketrag.open(as_version_1(tiny_bundle)) as rag:
        assert rag.search(QUESTION) == wanted and rag.search(QUESTION).encoder == "full"
    assert read_manifest(tiny_bundle).contract == 1 and outcomes(tiny_bundle)[0] == 0


def test_on_the_command_line(both, tiny_built, capfd):
    assert main(["search", str(both), QUESTION, "--encoder", "fallback", "--json"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert (facts["encoder"], facts["encoders"], facts["mode"]) == ("static", ["static"], "dense")
    assert main(["search", str(both), QUESTION]) == 0
    assert "(hybrid, full)" in capfd.readouterr().out
    assert main(["search", str(tiny_built / "out" / "tiny"), QUESTION]) == 0
    assert "(hybrid)" in capfd.readouterr().out
    with pytest.raises(SystemExit):  # a role, and no name
        main(["search", str(both), QUESTION, "--encoder", "static"])
