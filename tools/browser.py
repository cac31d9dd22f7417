"""Debian's Chromium, driven by Playwright: for pictures and tests of pages. It reaches this machine alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
MISSING = f"no Chromium here: none of {', '.join(NAMES)} is on the PATH"
#: No other name is resolved, and no other address reached, whatever a page asks for.
OPTIONS = (
    *("--no-sandbox", "--disable-background-networking", "--disable-component-update"),
    *("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--proxy-server=127.0.0.1:9"),
    "--proxy-bypass-list=127.0.0.1",
)


@dataclass(frozen=True)
class Visit:
    """A profile of its own with one page, and what its pages and workers told so far."""

    page: Page
    asked: list[str] = field(default_factory=list)
    """Addresses that were asked for, but for files and for what stands in the page itself."""
    errors: list[str] = field(default_factory=list)
    """Errors and warnings of scripts, and whatever else the console shows as such."""

    def ask(self, script: str, given: object = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return what JavaScript is worth in the page; a promise is waited for."""
        return self.page.evaluate(script, given)


@contextmanager
def visit(**context: Any) -> Iterator[Visit]:  # noqa: ANN401 - Playwright's
    """Give a page of a fresh Chromium, which is closed at the end.

    Args:
        context: of `Browser.new_context`: `viewport`, `color_scheme`, `bypass_csp`.

    Raises:
        SystemExit: there is no Chromium.

    """
    if CHROMIUM is None:
        raise SystemExit(f"{MISSING}: apt-get install chromium")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        try:
            yield _listened(browser.new_context(**context))
        finally:
            browser.close()


def window(width: int, height: int = 900, dark: bool = False) -> dict[str, Any]:
    """Return what `visit` opens as a window of so many pixels; a narrow one is a phone's."""
    scheme = "dark" if dark else "light"
    return {
        "viewport": {"width": width, "height": height},
        "is_mobile": width < 600,
        "color_scheme": scheme,
    }


def _listened(context: BrowserContext) -> Visit:
    found = Visit(context.new_page())
    context.on("request", lambda one: _note(found.asked, one.url))
    context.on("console", lambda said: found.errors.append(said.text) if _bad(said) else None)
    context.on("weberror", lambda error: found.errors.append(str(error.error)))
    return found


def _note(asked: list[str], url: str) -> None:
    if not url.startswith(("file:", "about:", "data:", "chrome:")):
        asked.append(url)


def _bad(said: ConsoleMessage) -> bool:
    return said.type in ("error", "warning", "assert")
