"""`pocketrag serve` from outside: what it answers, refuses and survives."""

import json
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

import pocketrag
from pocketrag.formats.data.beir import read_questions
from tests.conftest import cli
from tests.servers import serving

QUESTION = "what moves if king 0 meets queen ?"


@pytest.fixture(scope="module")
def place(tiny_built, tmp_path_factory):
    """A copy of what was built, and a second bundle."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(tiny_built / "out" / "tiny", folder / "tiny")
    shutil.copytree(tiny_built / "out" / "tiny", folder / "other")
    for name in ("queries.jsonl", "qrels.tsv", "corpus.jsonl"):
        shutil.copy(tiny_built / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def server(place):
    judged = ["--queries", "queries.jsonl", "--qrels", "qrels.tsv"]
    with serving("tiny", "other", *judged, cwd=place) as started:
        yield started


@pytest.mark.parametrize("mode", ["dense", "bm25", "hybrid"])
def test_the_hits_are_those_of_the_runtime(mode, server, place):
    with pocketrag.open(place / "tiny") as rag:
        wanted = rag.search(QUESTION, 7, mode=mode)
        blocks = rag.context(wanted, 300)
    code, found = server.post("/search", {"question": QUESTION, "mode": mode, "limit": 7, "context": 300})
    assert code == 200 and found["mode"] == mode
    assert [(h["id"], h["cosine"], h["bm25_rank"]) for h in found["hits"]] == [
        (h.id, h.cosine, h.bm25_rank) for h in wanted
    ]
    assert [block["text"] for block in found["context"]] == [block.text for block in blocks]
    assert found["times"]["whole"] > 0 and ("full text" in found["times"]) == (mode != "dense")


def test_the_rare_words_that_match_are_marked(server, place):
    with pocketrag.open(place / "tiny") as rag:
        rare = {word for word, n in rag.database.rows("SELECT word, passages FROM words") if n == 1}
        text = next(
            text
            for (text,) in rag.database.rows("SELECT text FROM chunks")
            if rare & set(text.lower().split())
        )
    wanted = rare & set(text.lower().split())
    _, found = server.post("/search", {"question": text, "limit": 3})
    hit = next(hit for hit in found["hits"] if hit["text"] == text)
    marked = {text.encode("utf-16-le")[2 * a : 2 * b].decode("utf-16-le").lower() for a, b in hit["marks"]}
    assert wanted <= marked and not marked & {"the", "if"}


def test_a_threshold_says_that_it_does_not_know(server):
    _, found = server.post("/search", {"question": QUESTION, "threshold": 1})
    assert found["abstain"] and found["threshold"] == 1 and found["hits"]
    assert not server.post("/search", {"question": QUESTION, "threshold": -1})[1]["abstain"]


def test_filters(server):
    _, found = server.post("/search", {"question": QUESTION, "where": {"page": [2]}})
    assert found["hits"] and {hit["page"] for hit in found["hits"]} == {2}


def test_judged_questions_stand_worst_first_with_their_ranks(server, place):
    code, found = server.post("/ranks", {"bundle": 1})
    rows = found["questions"]
    ranks = [row["rank"] or 101 for row in rows]
    assert code == 200 and ranks == sorted(ranks, reverse=True) and len(rows) > 20
    texts = {q.text for q in read_questions(place / "queries.jsonl")}
    assert all(row["question"] in texts and row["passage"] for row in rows)
    with pocketrag.open(place / "other") as rag:
        for row in rows[:10]:
            ids = [hit.id for hit in rag.search(row["question"], 100).hits]
            assert row["rank"] is None or ids[row["rank"] - 1] == row["passage"]


def test_votes_become_questions_that_import_takes(server, place):
    for passage, score in (("p001", 1), ("p002", 0)):
        code, said = server.post("/vote", {"question": " which  rule ? ", "passage": passage, "score": score})
        assert code == 200 and said["file"] == "votes.jsonl"
    done = cli("import", "corpus.jsonl", "--questions", "votes.jsonl", "--out", "voted", cwd=place)
    assert done.returncode == 0, done.stderr
    assert (
        json.loads((place / "voted" / "queries.jsonl").read_text().splitlines()[0])["text"] == "which rule ?"
    )
    rows = (place / "voted" / "qrels.tsv").read_text()
    assert "\tp001\t1" in rows and "\tp002\t0" in rows


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/search", b"{", "no JSON"),
        ("/search", b"[1]", "must be a JSON object"),
        ("/search", b"[" * 9000, "no JSON"),
        ("/search", {}, "`question`"),
        ("/search", {"question": "   "}, "`question`"),
        ("/search", {"question": "x" * 10_001}, "`question`"),
        ("/search", {"question": 5}, "`question`"),
        ("/search", {"question": "a", "mode": "fast"}, "`mode`: must be one of dense, bm25, hybrid"),
        ("/search", {"question": "a", "mode": ["dense"]}, "`mode`"),
        ("/search", {"question": "a", "encoder": "other"}, "`encoder`"),
        ("/search", {"question": "a", "limit": 0}, "`limit`"),
        ("/search", {"question": "a", "limit": True}, "`limit`"),
        ("/search", {"question": "a", "threshold": 2}, "`threshold`"),
        ("/search", {"question": "a", "where": ["page"]}, "`where`"),
        ("/search", {"question": "a", "bundle": 2}, "`bundle`: there are 2"),
        ("/search", {"question": "a", "bundle": -1}, "`bundle`"),
        ("/search", {"question": "a", "colour": 1}, "`colour`: unknown"),
        ("/vote", {"question": "a", "passage": "nowhere", "score": 1}, "`passage`"),
        ("/vote", {"question": "a", "passage": ["p001"], "score": 1}, "`passage`"),
        ("/vote", {"question": "a", "passage": "p001", "score": 7}, "`score`"),
        ("/search", b" " * 70_000, "larger than"),
    ],
)  # fmt: skip
def test_a_bad_request_is_one_sentence(path, body, said, server):
    code, answer = server.post(path, body)
    assert code == 400 and said in answer["error"] and "\n" not in answer["error"]
    assert server.post("/search", {"question": QUESTION})[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1"},
        {"host": "127.0.0.1.evil.example:80"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
    ],
)
def test_other_sites_requests_are_refused(headers, server):
    code, _ = server.post("/search", {"question": QUESTION}, **headers)
    assert code == 403


def test_another_host_s_name_does_not_even_get_the_page(server):
    assert server.request("GET", "/", host="rebound.example:80")[0] == 403
    code, text, headers = server.request("GET", "/", host=f"localhost:{server.port}")
    assert code == 200 and "<title>" in text and "default-src 'self'" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/page/../served_bundle.py", "/page/%2e%2e/served_bundle.py", "/tiny/corpus.db", "/page/"]
)
def test_nothing_else_is_given_away(path, server):
    assert server.request("GET", path)[0] in (400, 404, 405)


def test_two_tabs_at_once(server):
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(server.post, "/search", {"question": QUESTION, "bundle": n % 2}) for n in range(24)
        ]
        answers = [one.result() for one in asked]
    assert {code for code, _ in answers} == {200}
    assert len({tuple(hit["id"] for hit in found["hits"]) for _, found in answers}) == 1


def test_a_bundle_that_goes_and_comes_back(place, tmp_path):
    shutil.copytree(place / "tiny", tmp_path / "moved")
    with serving("moved", cwd=tmp_path) as server:
        before = server.post("/search", {"question": QUESTION})
        (tmp_path / "moved").rename(tmp_path / "away")
        code, said = server.post("/search", {"question": QUESTION})
        assert code == 400 and "the bundle is gone" in said["error"]
        (tmp_path / "away").rename(tmp_path / "moved")
        assert server.post("/search", {"question": QUESTION})[1]["hits"] == before[1]["hits"]
        shutil.rmtree(tmp_path / "moved")
        shutil.copytree(place / "other", tmp_path / "moved")
        assert server.post("/search", {"question": QUESTION})[1]["hits"] == before[1]["hits"]
        (tmp_path / "moved" / "manifest.json").write_text("{}")
        code, said = server.post("/search", {"question": QUESTION})
        assert code == 400 and "manifest.json" in said["error"]


def test_ctrl_c_ends_it_with_what_was_done(place, tmp_path):
    with serving(place / "tiny", "--votes", tmp_path / "v.jsonl", cwd=tmp_path) as server:
        server.post("/search", {"question": QUESTION})
        server.post("/vote", {"question": QUESTION, "passage": "p001", "score": 1})
        code, out, err = server.end()
    facts = json.loads(out)
    assert code == 0 and "Traceback" not in err
    assert (facts["questions"], facts["voted"]) == (1, 1) and (tmp_path / "v.jsonl").is_file()


def test_a_port_in_use_is_said(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = cli("serve", place / "tiny", "--port", taken.getsockname()[1])
    assert done.returncode == 2 and "in use" in done.stderr and "name another" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere: not a bundle"),
        (["tiny", "--port", "70000"], "--port 70000"),
        (["tiny", "--queries", "queries.jsonl"], "give both, or none"),
        (["tiny", "--queries", "none.jsonl", "--qrels", "qrels.tsv"], "none.jsonl"),
        (["tiny", "--queries", "queries.jsonl", "--qrels", "none.tsv"], "none.tsv"),
        (["tiny", "--generator", "none"], "--generator none: no such folder"),
    ],
)
def test_what_can_not_be_served_ends_with_2(arguments, said, place):
    done = cli("serve", *arguments, cwd=place)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
