"""Chromium, driven over the DevTools protocol through two pipes: no library, no port."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
MISSING = f"no Chromium here: none of {', '.join(NAMES)} is on the PATH"
#: Nothing but this machine is reached, whatever a page asks for.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)


class Browser:
    """One Chromium; pages, workers and service workers report to one place."""

    def __init__(self, profile: str, *flags: str) -> None:
        self._number, self._rest = 0, b""
        self.events: list[dict[str, Any]] = []
        #: Run in every worker before its own script.
        self.before_worker = ""
        #: The sessions of all workers, the latest last.
        self.workers: list[str] = []
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        os.set_inheritable(theirs_in, True)
        os.set_inheritable(theirs_out, True)
        # Chromium reads commands from descriptor 3 and writes to descriptor 4; `sh` puts them there.
        script = f'exec 3<&{theirs_in} 4>&{theirs_out}; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", script, "sh", CHROMIUM, *FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self.send("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
        self.page = self._attached("page")

    def send(
        self, method: str, session: str | None = None, wait: float = 60, **params: Any
    ) -> dict[str, Any]:
        """Return the result of one command; what arrives meanwhile is kept in `events`."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        number, end = self._number, time.monotonic() + wait
        while time.monotonic() < end:
            for found in self._read(end - time.monotonic()):
                if found.get("id") == number:
                    assert "error" not in found, (method, found["error"])
                    return found["result"]
        raise TimeoutError(f"{method} {params}: no answer in {wait} s; the last events: {self.events[-5:]}")

    def evaluate(self, script: str, wait: float = 60, session: str | None = None) -> Any:
        """Return what a script gives in the page, or in another session, promises awaited."""
        told = self.send(
            "Runtime.evaluate", session or self.page, wait,
            expression=script, awaitPromise=True, returnByValue=True, userGesture=True,
        )  # fmt: skip
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, script: str, wait: float = 60) -> Any:
        """Return what a script gives in the page once it is true."""
        end = time.monotonic() + wait
        while time.monotonic() < end:
            with contextlib.suppress(AssertionError):
                if found := self.evaluate(script):
                    return found
            time.sleep(0.05)
        text = self.evaluate("document.body.innerText")
        raise TimeoutError(f"{script}: not true in {wait} s; the page says: {text}; {self.logged()}")

    def logged(self) -> list[str]:
        """Return every error and warning of all pages and workers, and every uncaught exception."""
        found = []
        for event in self.events:
            method, params = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(json.dumps(params["exceptionDetails"])[:600])
            if method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
                found.append(json.dumps([arg.get("value", arg.get("description")) for arg in params["args"]]))
            if method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        return found

    def requested(self) -> list[str]:
        """Return the address of every request of all pages and workers, but those of Chromium's own pages."""
        urls = [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith(("chrome:", "data:"))]

    def go(self, url: str) -> None:
        """Open an address in the page."""
        self.send("Page.navigate", self.page, url=url)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press and let go one key."""
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", self.page, type="keyDown", text=text, **common)
        self.send("Input.dispatchKeyEvent", self.page, type="keyUp", **common)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.send("Input.insertText", self.page, text=text)

    def close(self) -> None:
        """End this Chromium."""
        with contextlib.suppress(Exception):
            self.send("Browser.close", wait=5)
        self.process.kill()
        self.process.wait()
        os.close(self._in)
        os.close(self._out)

    def _attached(self, kind: str) -> str:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for event in self.events:
                if (
                    event.get("method") == "Target.attachedToTarget"
                    and event["params"]["targetInfo"]["type"] == kind
                ):
                    return str(event["params"]["sessionId"])
            self._read(1)
        raise TimeoutError(f"Chromium has no {kind}")

    def _read(self, wait: float) -> list[dict[str, Any]]:
        ready, _, _ = select.select([self._in], [], [], max(wait, 0))
        if not ready:
            return []
        read = os.read(self._in, 1 << 20)
        assert read, "Chromium ended"
        *whole, self._rest = (self._rest + read).split(b"\0")
        found = [json.loads(one) for one in whole]
        for event in found:
            if "method" in event:
                self.events.append(event)
                self._greet(event)
        return found

    def _greet(self, event: dict[str, Any]) -> None:
        # Every new page or worker waits until its requests and errors are listened to.
        if event["method"] != "Target.attachedToTarget":
            return
        session, kind = event["params"]["sessionId"], event["params"]["targetInfo"]["type"]
        before = self.before_worker if kind == "worker" else ""
        self.workers += [session] if kind == "worker" else []
        more = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
        for method, params in (
            ("Target.setAutoAttach", more), ("Runtime.enable", {}), ("Network.enable", {}), ("Log.enable", {}),
            ("Page.enable", {}), ("Runtime.evaluate", {"expression": before}), ("Runtime.runIfWaitingForDebugger", {}),
        ):  # fmt: skip
            self._number += 1
            message = {"id": self._number, "method": method, "params": params, "sessionId": session}
            os.write(self._out, json.dumps(message).encode() + b"\0")


@contextlib.contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Open a Chromium with a profile of its own, and end it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile, *flags)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as any static host would: files, no special headers; the address ends in `/`."""
    import functools
    import http.server
    import threading

    class Quiet(http.server.SimpleHTTPRequestHandler):
        extensions_map = {  # noqa: RUF012
            "": "application/octet-stream", ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript",
            ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml",
            ".webmanifest": "application/manifest+json",
        }  # fmt: skip

        def log_message(self, *_: object) -> None: ...

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
