"""Answers in the page: the checked one with its sources, and what stands there where there is none."""

import threading

import pytest
import uvicorn
from pocketrag.serve import served_bundle
from pocketrag.serve.application import application
from pocketrag.serve.judged import Judged
from pocketrag.serve.serve import _listening
from pocketrag.serve.served_bundle import ServedBundle, Shelf
from pocketrag.serve.votes import Votes

from pocketrag.formats.generator import beside
from tests.pocketrag.runtime.generator.scripted import Scripted, packed
from tests.servers import Server

QUESTION = "what moves if king 0 meets rook ?"


@pytest.fixture
def engine(monkeypatch):
    """What is opened in place of LiteRT-LM."""
    scripted = Scripted("It moves ", "[1].")
    monkeypatch.setattr(served_bundle, "LiteRtLmEngine", lambda folder, spec, threads: scripted)
    return scripted


@pytest.fixture
def server(tiny_bundle, tmp_path):
    listening = _listening(0)
    port = listening.getsockname()[1]
    with ServedBundle(str(tiny_bundle)) as bundle:
        app = application(Shelf([bundle]), Judged(None), Votes(str(tmp_path / "votes.jsonl")), port)
        running = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        yield Server(None, port)
        running.should_exit = True
        thread.join()


@pytest.fixture
def generator(tiny_bundle):
    return packed(beside(tiny_bundle))


def test_a_checked_answer_with_its_sources(generator, engine, server):
    code, found = server.post("/answer", {"question": QUESTION})
    assert code == 200 and found["outcome"] == "answer" and found["text"] == "It moves [1]."
    assert [one["number"] for one in found["sources"]] == list(range(1, len(found["sources"]) + 1))
    assert "Write an answer" in server.request("GET", "/")[1]


def test_below_the_threshold_nothing_is_written(generator, engine, server):
    code, found = server.post("/answer", {"question": QUESTION, "threshold": 1})
    assert code == 200 and found["outcome"] == "abstained" and found["why"]


def test_without_a_generator_the_passages_are_quoted(server):
    code, found = server.post("/answer", {"question": QUESTION})
    assert (
        code == 200
        and found["outcome"] == "quotes"
        and "Write an answer" not in server.request("GET", "/")[1]
    )


def test_an_engine_that_fails_is_said_and_the_server_goes_on(generator, monkeypatch, server):
    monkeypatch.setattr(served_bundle, "LiteRtLmEngine", lambda *_: 1 / 0)
    code, found = server.post("/answer", {"question": QUESTION})
    assert code == 500 and "division by zero" in found["error"]
    assert server.post("/search", {"question": QUESTION})[0] == 200
