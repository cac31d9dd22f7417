"""A Hugging Face hub on this machine, as far as huggingface_hub asks one to make a repository, to look into it and to send a commit."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

TOKEN = "hf_of_a_test"  # noqa: S105 - nobody's


class Hub:
    """Repositories by id: `private` and `files`, name -> bytes; `asked` lists every request."""

    def __init__(self) -> None:
        self.repositories: dict[str, dict] = {}
        self.asked: list[str] = []
        self.refuses = False
        self.address = ""

    def answer(self, method: str, path: str, body: bytes, token: str | None):
        """Return status, headers and content."""
        self.asked.append(f"{method} {path}")
        if self.refuses or token != f"Bearer {TOKEN}":
            return 403 if self.refuses else 401, {}, {"error": "not yours"}
        if path == "/api/repos/create":
            wanted = json.loads(body)
            name = f"{wanted['organization']}/{wanted['name']}"
            private = wanted.get("private") or wanted.get("visibility") == "private"
            self.repositories[name] = {"private": bool(private), "files": {".gitattributes": b""}}
            return 200, {}, {"url": f"{self.address}/{name}"}
        if path == "/api/validate-yaml":
            return 200, {}, {"errors": [], "warnings": []}
        name = "/".join(path.removeprefix("/api/models").split("/")[1:3])
        if name not in self.repositories:
            return 404, {"X-Error-Code": "RepoNotFound"}, {"error": "Repository not found"}
        return self._of(name, path, body)

    def _of(self, name: str, path: str, body: bytes):
        repository = self.repositories[name]
        files = repository["files"]
        head = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()  # noqa: S324 - as git
        rest = path.split(name, 1)[1]
        if rest.startswith("/preupload/"):
            wanted = json.loads(body)["files"]
            rows = [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in wanted]
            return 200, {}, {"files": rows}
        if rest.startswith("/commit/"):
            return self._commit(repository, head, body, name)
        if rest.startswith("/tree/"):
            return (
                200,
                {},
                [{"type": "file", "path": p, "size": len(c), "oid": "0"} for p, c in files.items()],
            )
        if rest.startswith("/resolve/"):
            content = files[unquote(rest.split("/", 3)[3])]
            sha = hashlib.sha256(content).hexdigest()
            return 200, {"ETag": f'"{sha}"', "X-Repo-Commit": head}, content
        siblings = [{"rfilename": p} for p in files]
        return 200, {}, {
            "id": name, "sha": head, "private": repository["private"], "siblings": siblings,
            "tags": [], "downloads": 0, "likes": 0,
        }  # fmt: skip

    def _commit(self, repository: dict, head: str, body: bytes, name: str):
        rows = [json.loads(line) for line in body.splitlines()]
        if rows[0]["value"].get("parentCommit", head) != head:
            return 412, {}, {"error": "A commit has happened since."}
        for row in rows[1:]:
            value = row["value"]
            if row["key"] == "file":
                repository["files"][value["path"]] = base64.b64decode(value["content"])
            elif row["key"] == "deletedFile":
                del repository["files"][value["path"]]
            else:
                raise ValueError(row["key"])
        oid = "c" * 40
        return (
            200,
            {},
            {"commitUrl": f"{self.address}/{name}/commit/{oid}", "commitOid": oid, "success": True},
        )


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        status, headers, content = self.hub.answer(
            self.command, path, body, self.headers.get("Authorization")
        )
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_HEAD = _serve  # noqa: N815 - http.server's names

    def log_message(self, *given) -> None:
        """Say nothing."""


@contextmanager
def hub() -> Iterator[Hub]:
    """Serve a hub without repositories."""
    made = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": made}))
    made.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
