"""`where=` and `--where`: only passages whose metadata say so, in every mode."""

import json

import pytest

import pocketrag
from pocketrag.cli.main import main
from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from tests.pocketrag.runtime.variants import with_passages

ODD = ('a"b', "a.b", "$", "$.source", "a\\b", "it's", "", "clé", "🙂", "a b", "x;--")
METADATA = [
    {"source": "rules", "page": 1, "language": "en"},
    {"source": "rules", "page": 2, "language": "fr", "final": True},
    {"source": "rules.pdf", "page": 3, "tags": ["a", "b"]},
    {"source": 'o"dd', "page": "3", "nothing": None},
    {"page": 2**31 - 1, **{key: key for key in ODD}},
    {},
]
PASSAGES = [Passage(f"p{n}", f"king {n}", "the king moves on the board", m) for n, m in enumerate(METADATA)]
QUESTION = "what moves if king 0 ?"


@pytest.fixture(scope="module")
def bundle(tiny_built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("filters")
    return with_passages(tiny_built / "out" / "tiny", folder / "tiny", PASSAGES)


@pytest.fixture(scope="module")
def rag(bundle):
    with pocketrag.open(bundle) as opened:
        yield opened


def found(rag, where):
    """The ids that every mode finds, which must be the same ones: in every passage stands a word of the question."""
    by_mode = [{h.id for h in rag.search(QUESTION, mode=mode, where=where)} for mode in ("dense", "hybrid")]
    # BM25 leaves out what stands everywhere, so it finds at most these.
    assert {h.id for h in rag.search(QUESTION, mode="bm25", where=where)} <= by_mode[0]
    assert by_mode[0] == by_mode[1]
    return by_mode[0]


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"source": ["rules"]}, {"p0", "p1"}),
        ({"source": ["rules", "rules.pdf"]}, {"p0", "p1", "p2"}),
        ({"source": ["rules"], "language": ["fr"]}, {"p1"}),
        ({"source": ["rules"], "language": ["de"]}, set()),
        ({"page": [1, 2, 2**31 - 1]}, {"p0", "p1", "p4"}),
        ({"page": [3]}, {"p2"}),  # a number is not text
        ({"page": ["3"]}, {"p3"}),
        ({"page": [3, "3"]}, {"p2", "p3"}),
        ({"final": [True]}, {"p1"}),
        ({"source": ['o"dd']}, {"p3"}),
        ({"source": ["Rules"]}, set()),
        ({"source": ["rules' OR '1'='1"]}, set()),
        ({"unknown": ["rules"]}, set()),
        ({"nothing": ["null"]}, set()),
        ({"source": []}, set()),
        ({"source": ["\ud800"]}, set()),
        ({}, {f"p{n}" for n in range(6)}),
        *(({key: [key]}, {"p4"}) for key in ODD),
    ],
)
def test_only_passages_that_say_so(rag, where, ids):
    assert found(rag, where) == ids


def test_a_filter_chooses_before_the_limit_and_keeps_order_and_scores(tiny_built):
    with pocketrag.open(tiny_built / "out" / "tiny") as rag:
        for mode in ("dense", "bm25"):
            every = rag.search("what falls if queen 1 meets rook ?", limit=70, mode=mode)
            few = rag.search(
                "what falls if queen 1 meets rook ?", limit=2, mode=mode, where={"page": [9, 10, 11, 12]}
            )
            wanted = [(h.id, h.score) for h in every if h.page in (9, 10, 11, 12)][:2]
            assert [(h.id, h.score) for h in few] == wanted and wanted


@pytest.mark.parametrize("value", ["rules", 3, True])
def test_a_value_alone_is_refused_by_its_key(rag, value):
    """Else the letters of "rules" would be the values, and nothing would be found."""
    for mode in ("dense", "bm25"):
        with pytest.raises(InputError, match=r"the filter 'source': give a list"):
            rag.search(QUESTION, mode=mode, where={"source": value})


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["source=rules"], {"p0", "p1"}),
        (["source=rules", "source=rules.pdf"], {"p0", "p1", "p2"}),
        (["source=rules", "language=fr"], {"p1"}),
        (["page=3"], {"p2", "p3"}),
        (["page=99999999999999999999"], set()),
        (["it's=it's"], {"p4"}),
        (["source="], set()),
        (["source=a=b"], set()),
    ],
)
def test_on_the_command_line(bundle, capfd, options, ids):
    arguments = [part for one in options for part in ("--where", one)]
    assert main(["search", str(bundle), QUESTION, "--mode", "dense", "--json", *arguments]) == 0
    assert {h["id"] for h in json.loads(capfd.readouterr().out)["hits"]} == ids


@pytest.mark.parametrize("option", ["source", "=rules", ""])
def test_what_is_no_filter_is_named(bundle, capfd, option):
    assert main(["search", str(bundle), QUESTION, "--where", option]) == 2
    assert "must be KEY=VALUE" in capfd.readouterr().err
