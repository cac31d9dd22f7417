"""Chromium without a window, spoken to over its DevTools pipe: for pictures of pages, and for tests of them.

No name is resolved and no address reached, whatever a page asks for.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9"),
    *("--disable-background-networking", "--remote-debugging-pipe"),
)
#: Seconds that an answer may take.
PATIENCE = 60.0
#: Key -> its code on Windows, which the protocol wants, and the text that it types.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " ")}


class Tab:
    """One page of a browser."""

    def __init__(self, to: int, back: int) -> None:
        """Take the ends of the pipe, and open a page."""
        self._to, self._back, self._rest, self._number = to, back, b"", 0
        self._session = ""
        #: Methods and parameters of what the browser told by itself.
        self.events: list[tuple[str, dict[str, Any]]] = []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, /, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol and return its result.

        Raises:
            RuntimeError: the browser refuses it, or is gone.

        """
        self._number += 1
        number, session = self._number, {"sessionId": self._session} if self._session else {}
        message = {"id": number, "method": method, "params": parameters, **session}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != number:
            self.events.append((answer.get("method", ""), answer.get("params", {})))
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def show(self, url: str, width: int, height: int, dark: bool = False, media: str = "") -> None:
        """Open an address in a window of so many pixels, and wait until it is there."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.do("Emulation.setEmulatedMedia", media=media, features=features)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.do("Emulation.setDeviceMetricsOverride", **metrics)
        self.do("Page.navigate", url=url)
        self.wait("document.readyState == 'complete' && location.href != 'about:blank'")

    def wait(self, condition: str) -> None:
        """Wait until a condition of JavaScript holds.

        Raises:
            TimeoutError: it does not within `PATIENCE`.

        """
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(RuntimeError):  # the page is being exchanged
                if self.ask(condition):
                    return
            time.sleep(0.05)
        raise TimeoutError(condition)

    def ask(self, expression: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return what an expression of JavaScript is worth, in the page.

        Raises:
            RuntimeError: it throws.

        """
        call = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        answer = self.do("Runtime.evaluate", **call)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        code, text = KEYS[key]
        named = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        self.do("Input.dispatchKeyEvent", type="keyDown", text=text, **named)
        self.do("Input.dispatchKeyEvent", type="keyUp", **named)

    def picture(self) -> bytes:
        """Return what the window shows, as PNG."""
        return base64.b64decode(self.do("Page.captureScreenshot", format="png")["data"])

    def print(self) -> bytes:
        """Return the page on A4, as PDF."""
        paper = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, "printBackground": True}
        return base64.b64decode(self.do("Page.printToPDF", **paper)["data"])

    def asked(self) -> list[str]:
        """Return the addresses that pages asked for, but for files that were opened."""
        urls = [said["request"]["url"] for name, said in self.events if name == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith(("file:", "about:"))]

    def complaints(self) -> list[str]:
        """Return errors of scripts and whatever else was logged."""
        names = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
        return [json.dumps(said) for name, said in self.events if name in names]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._back, 1 << 20)
            if not more:
                raise RuntimeError("the browser is gone")
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def browser() -> Iterator[Tab]:
    """Give a page of a fresh browser, which is closed at the end.

    Raises:
        SystemExit: there is no Chromium.

    """
    if CHROMIUM is None:
        raise SystemExit("no chromium: apt-get install chromium")
    theirs, to = os.pipe()
    back, also_theirs = os.pipe()

    def fixed() -> None:  # the protocol wants the descriptors 3 and 4
        ends = os.dup(theirs), os.dup(also_theirs)
        os.dup2(ends[0], 3)
        os.dup2(ends[1], 4)

    with tempfile.TemporaryDirectory() as profile:
        command = [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, close_fds=False, preexec_fn=fixed, **quiet)  # type: ignore[call-overload]  # noqa: S603
        os.close(theirs)
        os.close(also_theirs)
        try:
            yield Tab(to, back)
        finally:
            os.close(to)
            process.wait(PATIENCE)
            os.close(back)


def open_file(tab: Tab, file: Path, width: int, height: int = 900, dark: bool = False) -> None:
    """Open a file in a window of so many pixels."""
    tab.show(file.resolve().as_uri(), width, height, dark)
