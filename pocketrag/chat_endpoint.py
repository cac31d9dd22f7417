"""A language model behind an OpenAI-compatible address, asked again where that may help."""

from __future__ import annotations

import http.client
import json
import os
import time
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pocketrag.console import status
from pocketrag.errors import InputError

#: The environment variable that holds the key; it stands in no recipe, no file and no message.
KEY = "POCKETRAG_API_KEY"
#: Of chat completions, https://platform.openai.com/docs/api-reference/chat.
PATH = "/chat/completions"
SCHEMES = ("http", "https")
#: Where the key may go without encryption: this machine.
LOCAL = ("localhost", "127.0.0.1", "::1")
#: Seconds for one answer; a large model on a processor takes its time.
TIMEOUT = 300.0
#: Of an answer: what is longer is none to a question about a passage.
MOST_BYTES = 4_000_000
#: Of the server, not of the question: asked again so many times, after 1, 2, 4, 8 seconds or as long as it
#: says.
AGAIN, TRIES, LONGEST_WAIT = (408, 409, 425, 429, 500, 502, 503, 504), 5, 60.0
#: What of a server's words is shown.
SHOWN = 300


class _NoRedirect(HTTPRedirectHandler):
    # It would carry the key to wherever the server points.
    def redirect_request(self, *_: object) -> None:
        """Return no request."""
        return None


class ChatEndpoint:
    """Asks one model."""

    def __init__(
        self,
        address: str,
        model: str | None,
        *,
        option: str,
        model_option: str,
        wait: float = 1.0,
    ) -> None:
        """Take the address, with or without `/chat/completions`.

        Args:
            address: http or https.
            model: its name there.
            option: the command's option that gave the address, for messages.
            model_option: the one that gave the model.
            wait: seconds before the second try; doubled for each further one.

        Raises:
            InputError: the address is none, holds a password, or would get the key unencrypted; or no
                model is named.

        """
        _check(address, option)
        if not model:
            raise InputError(
                f"{option} {address}: which model? Name it as the server does: {model_option} NAME."
            )
        self._key = _key(address, option)
        self.address, self.name = address.rstrip("/").removesuffix(PATH) + PATH, model
        self._wait, self._model_option = wait, model_option
        self._opener = build_opener(_NoRedirect)

    def complete(self, messages: list[dict[str, str]], **settings: float) -> str:
        """Return the model's answer.

        Args:
            messages: `role` and `content` of each.
            settings: such as `temperature`, `seed` or `max_tokens`, sent as they are.

        Raises:
            InputError: the server refuses, can't be reached, or answers something else than a chat
                completion.

        """
        body = {"model": self.name, "messages": messages, "stream": False, **settings}
        return _text(self.address, self._answer(json.dumps(body).encode()))

    def _answer(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        for tried in range(1, TRIES + 1):
            request = Request(self.address, body, headers, method="POST")  # noqa: S310 - http or https, see above
            try:
                with self._opener.open(request, timeout=TIMEOUT) as answer:
                    return _whole(self.address, answer.read(MOST_BYTES + 1))
            except HTTPError as error:
                if error.code not in AGAIN or tried == TRIES:
                    raise InputError(_refused(self.address, error, tried, self._model_option)) from None
                said, wait = f"status {error.code}", _asked_to_wait(error)
            except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
                said, wait = str(getattr(error, "reason", "") or error or type(error).__name__), None
                if tried == TRIES:
                    raise InputError(
                        f"{self.address}: can't be reached ({said}), {TRIES} times. Answers so far are "
                        "kept; run the same command again."
                    ) from None
            wait = min(self._wait * 2 ** (tried - 1) if wait is None else wait, LONGEST_WAIT)
            status(f"{said}; asking again in {wait:g} s")
            time.sleep(wait)
        raise AssertionError  # the last try returns or raises


def _whole(address: str, said: bytes) -> bytes:
    if len(said) > MOST_BYTES:
        raise InputError(f"{address}: answered with more than {MOST_BYTES:,} bytes; that is no answer.")
    return said


def _check(address: str, option: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in SCHEMES or not parts.hostname or parts.query or parts.fragment:
        raise InputError(f"{option} {address}: not an address such as http://localhost:11434/v1.")
    if parts.username or parts.password:
        raise InputError(f"{option}: leave name and password out of the address; a key goes into {KEY}.")


def _key(address: str, option: str) -> str:
    key, parts = os.environ.get(KEY, "").strip(), urlsplit(address)
    if key and parts.scheme != "https" and parts.hostname not in LOCAL:
        raise InputError(
            f"{option} {address}: {KEY} is set, and would go there unencrypted; use https, or unset it."
        )
    if not key.isascii() or not key.isprintable():
        raise InputError(f"{KEY}: holds what no key holds; set it again.")
    return key


def _asked_to_wait(error: HTTPError) -> float | None:
    after = (error.headers.get("Retry-After") or "").strip()
    return float(after) if after.isascii() and after.isdecimal() else None


def _refused(address: str, error: HTTPError, tried: int, model_option: str) -> str:
    said = _words(error)
    if error.code in (401, 403):
        return f"{address}: status {error.code}{said}; put the server's key into the variable {KEY}."
    if 300 <= error.code < 400:
        return (
            f"{address}: status {error.code}, points to {error.headers.get('Location')}; give that address."
        )
    if error.code == 404:
        return f"{address}: status 404{said}; is the address right (most end in /v1), and {model_option}?"
    again = (
        f", {tried} times. Answers so far are kept; run the same command again" if error.code in AGAIN else ""
    )
    return f"{address}: status {error.code}{said}{again}."


def _words(error: HTTPError) -> str:
    try:
        body = error.read(1 << 16).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    try:
        found = json.loads(body)["error"]
        body = str(found["message"] if isinstance(found, dict) else found)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    body = " ".join("".join(c if c.isprintable() else " " for c in body).split())
    return f" ({body[:SHOWN]}{'…' if len(body) > SHOWN else ''})" if body else ""


def _text(address: str, body: bytes) -> str:
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        content = 0
    if content is not None and not isinstance(content, str):
        shown = " ".join(body[:SHOWN].decode("utf-8", "replace").split())
        raise InputError(
            f"{address}: answers no chat completion, but {shown!r}; give the address of an "
            "OpenAI-compatible server."
        )
    # A model that is stopped at once writes nothing.
    return content or ""
