"""Another model's opinion, through a tiny server of the OpenAI kind; and every way in which it can't be asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pocketrag.bench.answers.judge_model import KEY, SHARD, endpoint, judged

from pocketrag.errors import InputError
from tests.conftest import write_jsonl


class Server(ThreadingHTTPServer):
    """Answers with `reply`, a text or a function of the request; keeps what it was sent."""

    def __init__(self, reply):
        self.reply, self.requests = reply, []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        self.server.requests.append((self.path, self.headers.get("Authorization"), body))
        code, content = self.server.reply(body)
        self.send_response(code)
        if code == 302:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.end_headers()
        self.wfile.write(content if isinstance(content, bytes) else json.dumps(content).encode())

    def do_GET(self):
        self.do_POST()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def served():
    servers = []

    def serve(reply):
        server = Server(reply)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def completion(text):
    return 200, {"choices": [{"message": {"role": "assistant", "content": text}}]}


def by_reply(body):
    reply = json.loads(body["messages"][1]["content"])["reply"]
    return completion({"30 minutes": "RIGHT.", "never": "wrong", "…": "I can't say"}[reply])


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


def test_each_reply_is_judged_once(served, answers, tmp_path, monkeypatch):
    monkeypatch.setenv(KEY, "secret")
    server = served(by_reply)
    facts = judged(endpoint(server.url, "big"), answers, tmp_path)
    assert facts.model == "big" and facts.unread == 1
    assert {arm: (one.mean, one.n) for arm, one in facts.arms.items()} == {
        "packed": (0.5, 2),
        "quotes": (0.0, 1),
    }
    (path, key, body), *_ = server.requests
    assert path == "/v1/chat/completions" and key == "Bearer secret" and body["model"] == "big"
    assert body["temperature"] == 0 and [m["role"] for m in body["messages"]] == ["system", "user"]
    asked = len(server.requests)
    assert judged(endpoint(server.url + "/chat/completions", "big"), answers, tmp_path) == facts
    assert len(server.requests) == asked == 4, "what was said is kept"
    assert "secret" not in (tmp_path / SHARD).read_text("utf-8")


def test_without_a_key_none_is_sent(served, answers, tmp_path, monkeypatch):
    monkeypatch.delenv(KEY, raising=False)
    server = served(by_reply)
    judged(endpoint(server.url, "big"), answers, tmp_path)
    assert server.requests[0][1] is None


def test_an_interrupted_one_goes_on(served, answers, tmp_path):
    server = served(lambda body: by_reply(body) if len(server.requests) < 3 else (500, {}))
    with pytest.raises(InputError, match=r"answers 500"):
        judged(endpoint(server.url, "big"), answers, tmp_path)
    server.reply = by_reply
    judged(endpoint(server.url, "big"), answers, tmp_path)
    assert len(server.requests) == 5


def test_a_redirection_does_not_get_the_key(served, answers, tmp_path, monkeypatch):
    monkeypatch.setenv(KEY, "secret")
    server = served(lambda body: (302, b""))
    with pytest.raises(InputError, match="answers 302"):
        judged(endpoint(server.url, "big"), answers, tmp_path)
    assert len(server.requests) == 1


@pytest.mark.parametrize("content", [b"no JSON", {}, {"choices": []}, [], {"choices": [{"message": None}]}])
def test_what_is_no_chat_completion(served, answers, tmp_path, content):
    server = served(lambda body: (200, content))
    with pytest.raises(InputError, match="something else than a chat completion"):
        judged(endpoint(server.url, "big"), answers, tmp_path)


def test_nobody_there(answers, tmp_path):
    server = Server(by_reply)
    server.server_close()
    with pytest.raises(InputError, match="can't be reached"):
        judged(endpoint(server.url, "big"), answers, tmp_path)


@pytest.mark.parametrize(("url", "model"), [("http://localhost/v1", None), (None, "big"), ("", "big")])
def test_both_or_none(url, model):
    with pytest.raises(InputError, match="--judge needs --judge-model"):
        endpoint(url, model)
    assert endpoint(None, None) is None


@pytest.mark.parametrize(
    "url", ["localhost:8080", "file:///etc/passwd", "ftp://host/v1", "http://", "http://me:pw@host/v1", "http://host/v1?key=1"]
)  # fmt: skip
def test_other_addresses(url):
    with pytest.raises(InputError, match=r"--judge: must be the address"):
        endpoint(url, "big")


def test_a_key_goes_nowhere_unencrypted(monkeypatch):
    monkeypatch.setenv(KEY, "secret")
    with pytest.raises(InputError, match="unencrypted"):
        endpoint("http://host.example/v1", "big")
    assert endpoint("https://host.example/v1", "big").key == "secret"
    assert endpoint("http://localhost:9/v1", "big").key == "secret"
