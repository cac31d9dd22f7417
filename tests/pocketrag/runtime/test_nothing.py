"""A search without hits says why; the same questions are asked in Kotlin by tests/gradle_bundle/test_search.py."""

import json

import pytest

import pocketrag
from pocketrag.cli.main import main
from pocketrag.formats.data.beir import Passage
from tests.pocketrag.runtime.variants import with_passages

PASSAGES = [
    *(Passage(f"k{n}", "", f"the king moves to {n}", {"source": "kings"}) for n in range(11)),
    Passage("r", "", "the rook moves", {"source": "rooks"}),
]
#: A question, a filter, and a part of what is said.
CASES = [
    ("?!… --- ⏰🛑♟️ 👩\u200d👧 👍🏽 🇫🇷", None, "no letters or digits"),
    ("zebra 停止 xylophone", None, "none of the question's words"),
    ("the moves", None, "more than half"),
    ("the rook", {"source": ["nowhere"]}, "as the filter says"),
    ("the rook", {"source": ["kings"]}, "tells passages apart"),
]


@pytest.fixture(scope="module")
def bundle(tiny_built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nothing") / "bundle"
    return with_passages(tiny_built / "out" / "tiny", folder, PASSAGES, "nothing")


@pytest.mark.parametrize(("question", "where", "why"), CASES)
def test_why(bundle, question, where, why):
    with pocketrag.open(bundle) as rag:
        answer = rag.search(question, mode="bm25", where=where)
        assert not answer.hits and why in answer.nothing
        assert rag.search("the rook", mode="bm25").nothing is None


def test_of_two_bundles_one_that_knows_the_word_is_enough(bundle, tiny_bundle):
    with pocketrag.open(bundle, tiny_bundle) as rag:
        assert "none of" in rag.search("zebra", mode="bm25").nothing


def test_people_and_programs_are_told(bundle, capsys):
    assert main(["search", str(bundle), "zebra", "--mode", "bm25"]) == 0
    assert "No passage found: none of the question's words" in capsys.readouterr().out
    assert main(["search", str(bundle), "zebra", "--mode", "bm25", "--json"]) == 0
    assert "none of" in json.loads(capsys.readouterr().out)["nothing"]
