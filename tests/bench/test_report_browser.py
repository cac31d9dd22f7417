"""The page in a real browser that reaches nothing: it is drawn, logs no error, runs no script, and is no wider than a phone."""

import functools
import html as escaping
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from pocketrag.bench.report import html

from tests.bench.page.full_report import bare, full
from tests.bench.page.parse import Page
from tests.bench.test_report import labelled, planted

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
#: No name is resolved and no address reached, whatever the page asks for.
OFFLINE = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "--disable-background-networking",
    "--no-first-run",
)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason=f"no Chromium here: none of {', '.join(NAMES)} is on the PATH"
)


def browse(file: Path, *more: str) -> tuple[str, list[str]]:
    """Return the document as the browser has it at last, and what it logged to its console."""
    with tempfile.TemporaryDirectory() as profile:
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", *OFFLINE, *more,
                   "--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000", "--dump-dom", file.as_uri()]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, re.findall(r"CONSOLE[:(].*", done.stderr)


@pytest.mark.parametrize(
    "broken",
    ["<script>throw Error('x')</script>", "<img src='http://example.invalid/x.png'>", "<p onclick='x'></p>"],
)
def test_a_page_that_runs_or_fetches_is_caught(broken, tmp_path):
    (tmp_path / "page.html").write_text(pages()["bare"].replace("<main>", f"<main>{broken}"), "utf-8")
    assert Page(pages()["bare"].replace("<main>", f"<main>{broken}")).problems
    if "onclick" not in broken:  # nobody clicks
        assert browse(tmp_path / "page.html")[1]


#: Asks the page, which itself may run nothing, from the outside: in a frame of so many pixels.
ASK = """<!doctype html><body><iframe style="width:WIDTHpx;height:900px;border:0" srcdoc="PAGE"></iframe><pre id="told"></pre><script>
document.querySelector("iframe").addEventListener("load", event => {
  const page = event.target.contentDocument, root = page.documentElement, all = [...page.querySelectorAll("*")];
  const drawn = [...page.querySelectorAll("svg")].map(svg => svg.getBoundingClientRect());
  document.getElementById("told").textContent = JSON.stringify({
    width: root.scrollWidth, sections: page.querySelectorAll("main section").length, paper: getComputedStyle(page.body).backgroundColor,
    ink: getComputedStyle(page.body).color, drawn: drawn.filter(box => box.width > 100 && box.height > 30).length, svgs: drawn.length,
    outside: all.filter(one => !one.closest(".scroll") && one.getBoundingClientRect().right > root.clientWidth + 1).map(one => one.outerHTML.slice(0, 99)),
    verdict: getComputedStyle(page.querySelector(".verdict")).color,
    scripts: page.scripts.length, loaded: event.target.contentWindow.performance.getEntriesByType("resource").map(one => one.name)});
});
</script>"""


def ask(tmp_path: Path, page: str, width: int, *more: str) -> dict:
    file = tmp_path / f"ask-{width}.html"
    file.write_text(ASK.replace("WIDTH", str(width)).replace("PAGE", escaping.escape(page)), "utf-8")
    document, logged = browse(file, *more)
    assert logged == []
    return json.loads(escaping.unescape(re.search(r'<pre id="told">(.*?)</pre>', document, re.DOTALL)[1]))


@functools.cache
def pages() -> dict[str, str]:
    three = labelled(full(), full("1.1.0", quality="fail"), full("1.2.0", device_latency="unchecked"))
    return {
        "bare": html(labelled(bare())),
        "full": html(labelled(full())),
        "three": html(three),
        "planted": html(labelled(planted(full()))),
    }


@pytest.mark.parametrize("name", ["bare", "full", "three", "planted"])
def test_the_page_is_drawn_and_logs_nothing(name, tmp_path):
    (tmp_path / "page.html").write_text(pages()[name], "utf-8")
    document, logged = browse(tmp_path / "page.html")
    assert logged == [] and document.count("<section") == 10 and "</footer>" in document
    assert document.count("<script") == pages()[name].count("<script") == 0


@pytest.mark.parametrize("width", [360, 390, 1280])
@pytest.mark.parametrize("name", ["full", "three", "planted"])
def test_nothing_but_tables_in_their_boxes_is_wider_than_the_screen(name, width, tmp_path):
    told = ask(tmp_path, pages()[name], width)
    assert told["width"] <= width and told["outside"] == []
    assert told["loaded"] == [] and told["scripts"] == 0 and told["sections"] == 10
    # Those that are folded away have no size.
    assert told["drawn"] >= 6 and told["svgs"] >= told["drawn"]


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio of two `rgb(…)`."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(("scheme", "bright"), [(0, False), (1, True)])
def test_light_and_dark_follow_the_reader_and_can_be_read(scheme, bright, tmp_path):
    told = ask(tmp_path, pages()["three"], 1280, f"--blink-settings=preferredColorScheme={scheme}")
    assert (luminance(told["paper"]) > 0.5) is bright
    assert contrast(told["paper"], told["ink"]) >= 7 and contrast(told["paper"], told["verdict"]) >= 4.5
