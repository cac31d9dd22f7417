"""Another model's opinion, through a tiny server of the OpenAI kind; and every way in which it can't be asked."""

import json

import pytest
from pocketrag.bench.answers.judge_model import SHARD, endpoint, judged

from pocketrag import chat_endpoint
from pocketrag.chat_endpoint import KEY
from pocketrag.errors import InputError
from tests.chat_server import Scripted, served
from tests.conftest import write_jsonl


class Judge(Scripted):
    """Grades by the reply, as a model would that reads the second message."""

    def respond(self, path, headers, body):
        body = json.loads(body)
        messages = [*body["messages"][1:], body["messages"][0]]
        return super().respond(path, headers, json.dumps({**body, "messages": messages}).encode())


def by_reply(asked):
    reply = json.loads(asked)["reply"]
    return {"30 minutes": "RIGHT.", "never": "wrong", "…": "I can't say"}[reply]


@pytest.fixture
def answers(tmp_path):
    arms = ({"packed": "30 minutes", "quotes": "never"}, {"packed": "never", "quotes": "…"})
    return write_jsonl(
        tmp_path / "answers.jsonl",
        [
            {
                "question": f"How late {n}?",
                "answers": ["30 minutes"],
                "arms": {a: {"reply": r} for a, r in row.items()},
            }
            for n, row in enumerate(arms)
        ],
    )


def test_each_reply_is_judged_once(answers, tmp_path, monkeypatch):
    monkeypatch.setenv(KEY, "secret")
    judge = Judge(by_reply)
    with served(judge) as address:
        facts = judged(endpoint(address, "big"), answers, tmp_path)
        asked = len(judge.asked)
        assert judged(endpoint(address + "/chat/completions", "big"), answers, tmp_path) == facts
    assert len(judge.asked) == asked == 4, "what was said is kept"
    assert facts.model == "big" and facts.unread == 1
    means = {arm: (one.mean, one.n) for arm, one in facts.arms.items()}
    assert means == {"packed": (0.5, 2), "quotes": (0.0, 1)}
    (path, body), *_ = judge.asked
    assert path == "/v1/chat/completions" and body["model"] == "big" and body["temperature"] == 0
    assert {message["role"] for message in body["messages"]} == {"system", "user"}
    assert "secret" not in (tmp_path / SHARD).read_text("utf-8")


def test_an_interrupted_one_goes_on(answers, tmp_path, monkeypatch):
    monkeypatch.setattr(chat_endpoint.time, "sleep", lambda _: None)
    judge = Judge(by_reply)
    with served(judge) as address:
        judge.answer = lambda asked: by_reply(asked) if len(judge.asked) < 3 else b"no JSON"
        with pytest.raises(InputError, match="no chat completion"):
            judged(endpoint(address, "big"), answers, tmp_path)
        judge.answer = by_reply
        judged(endpoint(address, "big"), answers, tmp_path)
    assert len(judge.asked) == 5


@pytest.mark.parametrize(("url", "model"), [("http://localhost/v1", None), (None, "big"), ("", "big")])
def test_both_or_none(url, model):
    with pytest.raises(InputError, match="--judge needs --judge-model"):
        endpoint(url, model)
    assert endpoint(None, None) is None


def test_messages_name_the_option():
    with pytest.raises(InputError, match="--judge localhost:8080: not an address"):
        endpoint("localhost:8080", "big")
