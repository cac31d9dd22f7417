"""Several bundles of one model, searched as one."""

import json
import shutil

import pytest

import pocketrag
from pocketrag.cli.main import main
from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from tests.bench.damage import edit_json, put_digests_right, rename_bundle, rename_model
from tests.pocketrag.runtime.variants import with_passages

QUESTION = "what moves if king 0 meets queen ?"
CHESS = [
    Passage("p000", "the king in chess", "a king moves one square", {"source": "chess"}),
    Passage("p001", "the queen in chess", "a queen moves as she will", {"source": "chess"}),
    Passage("c2", "the clock", "a clock stops", {"source": "clocks"}),
    Passage("c3", "the flag", "a flag falls", {"source": "clocks"}),
]


@pytest.fixture(scope="module")
def folders(tiny_built, tmp_path_factory):
    first = tiny_built / "out" / "tiny"
    return first, with_passages(first, tmp_path_factory.mktemp("chess") / "chess", CHESS, "chess")


@pytest.fixture(scope="module")
def both(folders):
    with pocketrag.open(*folders) as rag:
        yield rag


@pytest.fixture(scope="module")
def alone(folders):
    with pocketrag.open(folders[0]) as first, pocketrag.open(folders[1]) as second:
        yield first, second


@pytest.mark.parametrize("mode", ["dense", "bm25"])
def test_the_best_of_all_by_their_scores(both, alone, mode):
    rows = [(h.corpus, h.id, h.score) for rag in alone for h in rag.search(QUESTION, limit=100, mode=mode)]
    wanted = sorted(rows, key=lambda row: (-row[2], row[0], row[1]))
    found = both.search(QUESTION, limit=100, mode=mode)
    assert [(h.corpus, h.id, h.score) for h in found] == wanted
    assert [h.rank for h in found] == list(range(1, len(wanted) + 1)) and {h.corpus for h in found} == {
        "tiny",
        "chess",
    }


def test_hybrid_joins_the_merged_lists(both):
    dense, lexical = (both.search(QUESTION, limit=100, mode=mode) for mode in ("dense", "bm25"))
    places = [{(h.corpus, h.id): h.rank for h in rows} for rows in (dense, lexical)]
    for hit in both.search(QUESTION, limit=100, mode="hybrid"):
        assert [hit.dense_rank, hit.bm25_rank] == [rows.get((hit.corpus, hit.id)) for rows in places]


def test_one_id_in_two_corpora_is_two_passages(both):
    found = {h.corpus: h for h in both.search(QUESTION, limit=74, mode="dense") if h.id == "p000"}
    assert (
        set(found) == {"tiny", "chess"}
        and found["tiny"].text != found["chess"].text == "a king moves one square"
    )


def test_filters_and_context_know_whose_passage_is_whose(both):
    answer = both.search(QUESTION, where={"source": ["chess"]})
    assert {(h.corpus, h.id) for h in answer} == {("chess", "p000"), ("chess", "p001")}
    blocks = both.context(both.search(QUESTION, limit=4, mode="dense"), 10_000)
    assert {b.corpus for b in blocks} <= {"tiny", "chess"}
    texts = {(c, p.id): p.text for c, rows in (("chess", CHESS),) for p in rows}
    for block in blocks:
        if block.corpus == "chess":
            assert block.text == "\n\n".join(texts["chess", id_] for id_ in block.ids)


def test_fusion_and_threshold_are_those_of_the_first(folders, tmp_path):
    other = shutil.copytree(folders[1], tmp_path / "other")
    edit_json(other / "manifest.json", lambda m: m["encoders"][0]["fusion"].update(mode="bm25"))
    put_digests_right(other)
    for order, mode in (((folders[0], other), "hybrid"), ((other, folders[0]), "bm25")):
        with pocketrag.open(*order) as rag:
            assert rag.search(QUESTION).mode == mode


def test_on_the_command_line(folders, both, capfd):
    assert (
        main(["search", str(folders[0]), QUESTION, "--beside", str(folders[1]), "--mode", "dense", "--json"])
        == 0
    )
    hits = json.loads(capfd.readouterr().out)["hits"]
    assert [(h["corpus"], h["id"]) for h in hits] == [
        (h.corpus, h.id) for h in both.search(QUESTION, 5, mode="dense")
    ]


def test_a_bundle_of_the_same_name_is_refused(folders, tmp_path):
    twice = shutil.copytree(folders[0], tmp_path / "twice")
    with pytest.raises(InputError, match=r"two bundles have one name"):
        pocketrag.open(folders[0], twice)


def test_a_bundle_of_another_model_is_refused(folders, tmp_path):
    other = shutil.copytree(folders[1], tmp_path / "other")
    model = bytearray((other / "embedder.tflite").read_bytes())
    model[-100] ^= 1
    (other / "embedder.tflite").write_bytes(model)
    rename_model(other)
    put_digests_right(other)
    with pytest.raises(InputError, match=r"other: made by another model than .*tiny"):
        pocketrag.open(folders[0], other)


def test_a_bundle_with_another_prompt_or_tokenizer_is_refused(folders, tmp_path):
    prompt = shutil.copytree(folders[1], tmp_path / "prompt")
    edit_json(
        prompt / "manifest.json",
        lambda m: m["encoders"][0]["embedder"]["prompts"].update(query="ask: {question}"),
    )
    put_digests_right(prompt)
    tokenizer = shutil.copytree(folders[1], tmp_path / "tokenizer")
    edit_json(
        tokenizer / "tokenizer.json",
        lambda t: t["model"].update(vocab={**t["model"]["vocab"], "king": 6, "queen": 5}),
    )
    put_digests_right(tokenizer)
    for other in (prompt, tokenizer):
        with pytest.raises(InputError, match=r"made by another model"):
            pocketrag.open(folders[0], other)


def test_each_bundle_is_checked(folders, tmp_path):
    changed = rename_bundle(shutil.copytree(folders[1], tmp_path / "changed"), "third")
    with pocketrag.open(*folders, changed) as rag:
        assert {h.corpus for h in rag.search(QUESTION, limit=74, mode="dense")} == {"tiny", "chess", "third"}
    with (changed / "corpus.db").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(InputError, match=r"changed.corpus\.db: not the file that was built"):
        pocketrag.open(*folders, changed)
