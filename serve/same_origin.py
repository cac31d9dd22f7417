"""What the server answers at all: this machine's own browser, on the page that the server itself gave it.

A page elsewhere can point a name of its own at 127.0.0.1 (DNS rebinding), or post to it from another site;
neither has this server's name in `Host` and `Origin` (https://fetch.spec.whatwg.org/#origin-header).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Bytes of a request's body.
LARGEST = 65_536
#: Nothing but what this server gives is loaded, and nobody frames it.
HEADERS = {
    "content-security-policy": "; ".join(
        ("default-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'")
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Refuses other hosts' requests, and sets the headers of all answers."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        """Take what it guards, and the server's port."""
        self._app = app
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            await send(message)

        refused = self._refusal(Request(scope))
        answer = PlainTextResponse(refused, 403) if refused else self._app
        await answer(scope, receive, with_headers)

    def _refusal(self, request: Request) -> str | None:
        host = request.headers.get("host", "").lower()
        if host not in self._hosts:
            return "This page is for the machine that serves it: open http://127.0.0.1 with its port."
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "Another site asked."
        if request.method in ("GET", "HEAD"):
            return None
        if request.headers.get("origin", f"http://{host}").lower() != f"http://{host}":
            return "Another site asked."
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return "Only application/json is taken."
        return None
