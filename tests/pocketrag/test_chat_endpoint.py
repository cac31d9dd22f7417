"""A model behind an address: what is sent, what is asked again, and how each refusal is told."""

import pytest

from pocketrag.chat_endpoint import KEY, ChatEndpoint
from pocketrag.errors import InputError
from tests.chat_server import Scripted, completion, served


def endpoint(address, model="tiny"):
    return ChatEndpoint(address, model, option="--generator", model_option="--model", wait=0)


def ask(address):
    return endpoint(address).complete([{"role": "user", "content": "who?"}])


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv(KEY, raising=False)


def test_prompt_model_and_seed_are_sent_and_the_answer_comes_back():
    script = Scripted(lambda prompt: prompt.upper())
    with served(script) as address:
        said = endpoint(address + "/").complete([{"role": "user", "content": "who?"}], seed=7, temperature=0)
    assert said == "WHO?"
    ((path, body),) = script.asked
    assert (
        path == "/v1/chat/completions"
        and body["model"] == "tiny"
        and body["seed"] == 7
        and body["temperature"] == 0
    )
    assert body["messages"] == [{"role": "user", "content": "who?"}] and not body["stream"]
    assert "Authorization" not in script.headers[0]


def test_the_key_is_sent_in_its_header_alone(monkeypatch):
    monkeypatch.setenv(KEY, "secret-1")
    script = Scripted()
    with served(script) as address:
        ask(address)
    assert script.headers[0]["Authorization"] == "Bearer secret-1"
    assert "secret" not in str(script.asked)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_it_asks_again_where_that_may_help(status):
    script = Scripted(before=[(status, {}, b"busy"), (status, {"Retry-After": "0"}, b"")])
    with served(script) as address:
        assert ask(address) == "What is it?"
    assert len(script.asked) == 3


def test_and_not_for_ever():
    script = Scripted(before=[(503, {}, b'{"error": {"message": "no GPU is free"}}')] * 9)
    with served(script) as address, pytest.raises(InputError, match=r"503 \(no GPU is free\), 5 times.*kept"):
        ask(address)
    assert len(script.asked) == 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {}, b'{"error": {"message": "bad key"}}'), f"401 (bad key); put the server's key into the variable {KEY}"),
        ((404, {}, b'{"error": "no such model"}'), "404 (no such model); is the address right"),
        ((400, {}, b"x" * 999), "status 400 (" + "x" * 300 + "…)"),
        ((302, {"Location": "http://elsewhere/v1"}, b""), "points to http://elsewhere/v1; give that address"),
        ((200, {}, b"<html>hello"), "answers no chat completion, but '<html>hello'"),
        ((200, {}, b'{"choices": []}'), "answers no chat completion"),
        ((200, {}, completion(["a"])), "answers no chat completion"),
    ],
)  # fmt: skip
def test_what_it_refuses_is_told_once(answer, said):
    script = Scripted(before=[answer])
    with served(script) as address, pytest.raises(InputError) as told:
        ask(address)
    assert said in str(told.value) and len(script.asked) == 1


def test_nobody_there():
    with served(Scripted()) as address:
        pass
    with pytest.raises(InputError, match=r"can't be reached .*, 5 times"):
        ask(address)


def test_a_model_that_writes_nothing():
    with served(Scripted(lambda _: completion(None))) as address:
        assert ask(address) == ""


@pytest.mark.parametrize(
    ("address", "model", "key", "said"),
    [
        ("http://", "tiny", "", "not an address"),
        ("localhost:8080", "tiny", "", "not an address"),
        ("file:///etc/passwd", "tiny", "", "not an address"),
        ("https://host/v1?x=1", "tiny", "", "not an address"),
        ("https://me:word@host/v1", "tiny", "", "leave name and password out"),
        ("https://host/v1", None, "", "--model NAME"),
        ("http://host/v1", "tiny", "k", "unencrypted"),
        ("https://host/v1", "tiny", "k\nX: y", "holds what no key holds"),
    ],
)
def test_bad_addresses(monkeypatch, address, model, key, said):
    monkeypatch.setenv(KEY, key)
    with pytest.raises(InputError, match=said):
        endpoint(address, model)
