"""An OpenAI-compatible server on this machine that answers what a test says, and a model that asks about the tiny corpus."""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def completion(text) -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


class Scripted:
    """Remembers what it was asked; answers with `answer(prompt)`, after the given (status, headers, body)."""

    def __init__(self, answer=lambda prompt: "What is it?", before=()):
        self.answer, self.before = answer, list(before)
        self.asked, self.headers = [], []

    def respond(self, path, headers, body):
        self.headers.append(dict(headers))
        self.asked.append((path, json.loads(body)))
        if self.before:
            return self.before.pop(0)
        given = self.answer(self.asked[-1][1]["messages"][0]["content"])
        return (200, {}, given if isinstance(given, bytes) else completion(given))


@contextmanager
def served(script: Scripted):
    """Yield the address of a server with this script."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, said = script.respond(self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def asks(prompt: str) -> str:
    """Two questions about a passage of the tiny corpus, and what else a model writes."""
    found = re.search(r"the (\w+) (\w+) when the (\w+) (\d+) is on the board", prompt)
    one, act, other, number = found.groups()
    return f"Here are two questions:\n1. Does {other} {number} see how {one} {act}?\n2. **Who {act} near {number}, {other} or {one}?**"
