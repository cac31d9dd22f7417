"""A real Chromium that reaches nothing but this machine, driven as a person drives it."""

import contextlib
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason=f"no Chromium here: none of {', '.join(NAMES)} is on the PATH"
)


@contextlib.contextmanager
def visited(address, **context):
    """Yield the page at an address, and lists of the addresses that it asked for and of its errors."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--proxy-bypass-list=127.0.0.1"]
        )
        page = browser.new_context(**context).new_page()
        asked, errors = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on(
            "console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        yield page, asked, errors
        browser.close()
