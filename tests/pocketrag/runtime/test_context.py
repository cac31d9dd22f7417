"""What a generator is fed: sections, neighbours, nothing twice, within the budget."""

import json

import pytest

import pocketrag
from pocketrag.cli.main import main
from pocketrag.formats.data.beir import Passage
from tests.pocketrag.runtime.variants import with_passages


def passage(id_, text, **metadata):
    return Passage(id_, "", text, metadata)


#: Two sections whose passages lie scattered, a source without sections, a section of one, a passage of no source, other scripts.
PASSAGES = [
    passage("a1", "king one", source="a", parent="A"),
    passage("a2", "queen two", source="a", parent="A"),
    passage("b1", "rook three", source="a", parent_id="B"),
    passage("a3", "bishop four", source="a", parent="A"),
    passage("n1", "knight five", source="n"),
    passage("n2", "pawn six", source="n"),
    passage("n3", "clock seven", source="n"),
    passage("m1", "flag eight", source="m"),
    passage("o1", "phone nine"),
    passage("o2", "appeal ten"),
    passage("u1", "王将 🙂 مرحبا é", source="u", parent="节 \"é\" '🙂'"),
    passage("u2", "é̀ שלום", source="u", parent="节 \"é\" '🙂'"),
    passage("p1", "draw eleven", source="p"),
    passage("p2", "bye twelve", source="q", parent="p1"),
]
TEXTS = {p.id: p.text for p in PASSAGES}
PLACE = {p.id: n for n, p in enumerate(PASSAGES)}


@pytest.fixture(scope="module")
def bundle(tiny_built, tmp_path_factory):
    return with_passages(tiny_built / "out" / "tiny", tmp_path_factory.mktemp("context") / "tiny", PASSAGES)


@pytest.fixture(scope="module")
def rag(bundle):
    with pocketrag.open(bundle) as opened:
        yield opened


def ask(rag, *wanted, limit=None):
    """An answer whose hits are those passages, found by their own rare words, best first."""
    answer = rag.search(" ".join(TEXTS[id_] for id_ in wanted), limit=limit or len(wanted), mode="bm25")
    assert {h.id for h in answer} == set(wanted)
    return answer


def blocks_of(rag, *wanted, tokens=10_000):
    return [b.ids for b in rag.context(ask(rag, *wanted), tokens)]


@pytest.mark.parametrize(
    ("hit", "blocks"),
    [
        ("a1", [("a1", "a2"), ("a3",)]),  # a section; b1 lies in it and is of another one
        ("a3", [("a1", "a2"), ("a3",)]),
        ("b1", [("a2", "b1", "a3")]),  # a section of one: neighbours of the source
        ("n2", [("n1", "n2", "n3")]),
        ("n1", [("n1", "n2")]),  # a3 is of another source
        ("n3", [("n2", "n3")]),
        ("m1", [("m1",)]),
        ("o1", [("o1", "o2")]),  # no source is a source like others
        ("u2", [("u1", "u2")]),
        ("p2", [("p1",), ("p2",)]),  # the parent is itself a passage, of another source
    ],
)
def test_sections_and_neighbours(rag, hit, blocks):
    assert sorted(blocks_of(rag, hit)) == sorted(blocks)


def test_a_block_says_what_it_is(rag):
    (block,) = rag.context(ask(rag, "u2"), 10_000)
    assert (
        block.text == f"{TEXTS['u1']}\n\n{TEXTS['u2']}"
        and block.source == "u"
        and block.corpus == "tiny"
        and block.rank == 1
    )
    assert block.tokens == sum(len(rag.tokenize(f"\n{TEXTS[id_]}")) for id_ in block.ids)


def test_nothing_comes_twice_and_what_follows_is_joined(rag):
    blocks = blocks_of(rag, "a1", "a2", "n1", "n3")
    ids = [id_ for block in blocks for id_ in block]
    assert sorted(ids) == ["a1", "a2", "a3", "n1", "n2", "n3"] and ("n1", "n2", "n3") in blocks


def test_the_best_hits_block_comes_first(rag):
    answer = ask(rag, "m1", "n2", "a1", "o1")
    blocks = rag.context(answer, 10_000)
    ranks = [b.rank for b in blocks]
    assert ranks == sorted(ranks) and answer[0].id in blocks[0].ids
    for block in blocks:
        assert list(block.ids) == sorted(block.ids, key=PLACE.get)


def cost(rag, *ids):
    return sum(len(rag.tokenize(f"\n{TEXTS[id_]}")) for id_ in ids)


def test_every_hit_comes_before_what_stands_around(rag):
    answer = ask(rag, "n2", "a1")
    first, second = (h.id for h in answer)
    exact = cost(rag, first, second)
    assert {i for b in rag.context(answer, exact) for i in b.ids} == {first, second}
    assert {i for b in rag.context(answer, exact - 1) for i in b.ids} == {first}
    assert {i for b in rag.context(answer, cost(rag, first) - 1) for i in b.ids} <= {second}
    # The next passage is the best hit's own, the nearest to it.
    around = {"n2": "n1", "a1": "a2"}[first]
    more = {i for b in rag.context(answer, exact + cost(rag, around)) for i in b.ids}
    assert more == {first, second, around}


def test_no_budget_is_ever_exceeded_and_a_large_one_holds_all(rag):
    answer, most = ask(rag, "a1", "n2", "b1", "u1"), 0
    for budget in range(0, 120, 3):
        blocks = rag.context(answer, budget)
        tokens = sum(b.tokens for b in blocks)
        ids = [i for b in blocks for i in b.ids]
        assert tokens <= budget and len(ids) == len(set(ids)) and tokens == cost(rag, *ids)
        most = max(most, tokens)
    assert most == cost(rag, "a1", "a2", "a3", "n1", "n2", "n3", "b1", "u1", "u2")


def test_an_empty_answer_has_no_context(rag):
    assert rag.context(rag.search("king", where={"source": ["none"]}), 100) == []


def test_on_the_command_line(bundle, rag, capfd):
    arguments = ["search", str(bundle), TEXTS["u2"], "--mode", "bm25", "-k", "1", "--context", "200"]
    assert main([*arguments, "--json"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert [h["id"] for h in facts["hits"]] == ["u2"] and facts["context"][0]["ids"] == ["u1", "u2"]
    assert facts["context"][0]["text"] == f"{TEXTS['u1']}\n\n{TEXTS['u2']}"
    assert main(arguments) == 0
    said = capfd.readouterr().out
    assert "[u1, u2; " in said and TEXTS["u1"] in said
    assert main([*arguments[:-1], "0", "--json"]) == 0
    assert "context" not in json.loads(capfd.readouterr().out)
