"""The page in a real browser that reaches nothing: it is drawn, logs no error, runs no script, fits, and can be used by keys."""

import functools
import json
import re
import shutil
import subprocess

import pytest
from pocketrag.bench.report import html

from tests.bench.page.full_report import asked, bare, full
from tests.bench.page.parse import Page
from tests.bench.test_report import labelled, planted
from tools.browser import CHROMIUM, NAMES, browser, open_file

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason=f"no Chromium here: none of {', '.join(NAMES)} is on the PATH"
)
#: Of the page as it is drawn: its width, what is wider, and which boxes of tables have to be scrolled.
MEASURED = """(() => {
  const page = document, root = page.documentElement, all = [...page.querySelectorAll("*")];
  const drawn = [...page.querySelectorAll("svg[role=img]")].map(svg => svg.getBoundingClientRect());
  return {
    width: root.scrollWidth, sections: page.querySelectorAll("main section").length,
    paper: getComputedStyle(page.body).backgroundColor, ink: getComputedStyle(page.body).color,
    verdict: getComputedStyle(page.querySelector(".verdict")).color,
    behind: getComputedStyle(page.querySelector(".decision")).backgroundColor,
    drawn: drawn.filter(box => box.width > 100 && box.height > 30).length, svgs: drawn.length,
    outside: all.filter(one => !one.closest(".scroll") && one.getBoundingClientRect().right > root.clientWidth + 1)
      .map(one => one.outerHTML.slice(0, 99)),
    scrolled: [...page.querySelectorAll(".scroll")].filter(box => box.scrollWidth > box.clientWidth + 1)
      .map(box => box.getAttribute("aria-label")),
    scripts: page.scripts.length};
})()"""


@functools.cache
def pages() -> dict[str, str]:
    three = labelled(full(), full("1.1.0", quality="fail"), full("1.2.0", device_latency="unchecked"))
    return {
        "bare": html(labelled(bare())),
        "full": html(labelled(asked(full()))),
        "three": html(three),
        "planted": html(labelled(planted(full()))),
    }


@pytest.fixture(scope="module")
def tab():
    with browser() as found:
        yield found


@pytest.fixture
def shown(tab, tmp_path):
    """Shows a page and returns the tab, which has forgotten what it was told before."""

    def show(source: str, width: int = 1280, dark: bool = False):
        (tmp_path / "page.html").write_text(source, "utf-8")
        tab.events.clear()
        open_file(tab, tmp_path / "page.html", width, 900, dark)
        return tab

    return show


@pytest.mark.parametrize(
    "broken",
    ["<script>throw Error('x')</script>", "<img src='http://example.invalid/x.png'>", "<p onclick='x'></p>"],
)
def test_a_page_that_runs_or_fetches_is_caught(broken, shown):
    source = pages()["bare"].replace("<main>", f"<main>{broken}")
    assert Page(source).problems
    if "onclick" not in broken:  # nobody clicks
        assert shown(source).complaints()


def test_a_page_that_is_not_kept_from_fetching_is_caught(shown):
    free = re.sub(r"<meta http-equiv[^>]*>", "", pages()["bare"])
    tab = shown(free.replace("<main>", "<main><img src='http://example.invalid/x.png'>"))
    assert tab.asked() == ["http://example.invalid/x.png"]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["bare", "full", "three", "planted"])
def test_the_page_fits_asks_for_nothing_and_logs_nothing(name, width, shown):
    tab = shown(pages()[name], width)
    told = tab.ask(MEASURED)
    assert told["width"] <= width and told["outside"] == [] and told["sections"] == 12
    assert tab.asked() == [] and tab.complaints() == [] and told["scripts"] == 0
    if name == "full":  # no table has to be scrolled, folded ones have no size
        assert told["scrolled"] == []
    if name != "bare":
        assert told["drawn"] >= 6 and told["svgs"] >= told["drawn"]


def test_a_row_is_a_card_on_a_phone_that_names_each_cell(shown):
    first = "getComputedStyle(document.querySelector('#prediction td'), '::before').content"
    assert shown(pages()["full"], 390).ask(first) == '"questions"'
    assert shown(pages()["full"], 1280).ask(first) == "none"


def test_keys_alone_reach_every_folded_part_and_open_it(shown):
    tab = shown(pages()["full"])
    folded = tab.ask("document.querySelectorAll('summary').length")
    for _ in range(600):
        tab.press("Tab")
        if tab.ask("document.activeElement.tagName") == "SUMMARY":
            tab.press("Enter")
        if tab.ask("document.querySelectorAll('details[open]').length") == folded:
            break
    assert folded >= 8 and tab.ask("document.querySelectorAll('details[open]').length") == folded
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert tab.ask(outline) != "none"


def test_on_paper_folded_parts_are_open_and_nothing_is_dark(shown):
    pypdfium2 = pytest.importorskip("pypdfium2")
    paper = pypdfium2.PdfDocument(shown(pages()["full"], dark=True).print())
    text = "".join(page.get_textpage().get_text_range() for page in paper)
    assert "twin_parity" in text and "SHA-256" in text  # a gate that passed, the last table
    corner = paper[0].render().to_pil().getpixel((2, 2))
    assert min(corner) == 255
    for page in paper:
        width = page.get_width()
        boxes = [page.get_textpage().get_charbox(n) for n in range(page.get_textpage().count_chars())]
        assert all(right <= width for _, _, right, _ in boxes)


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio of two `rgb(…)`."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark_follow_the_reader_and_can_be_read(dark, shown):
    told = shown(pages()["three"], dark=dark).ask(MEASURED)
    assert (luminance(told["paper"]) < 0.5) is dark
    assert contrast(told["paper"], told["ink"]) >= 7 and contrast(told["behind"], told["verdict"]) >= 4.5


@pytest.fixture(scope="module")
def axe(tmp_path_factory) -> str:
    """The source of axe-core, which is not ours: fetched into a folder that is thrown away."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm here to get axe-core with")
    folder = tmp_path_factory.mktemp("axe")
    command = [
        npm,
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefix",
        folder,
        "axe-core@4.10.3",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.skip(f"npm can't get axe-core here: {done.stderr.strip().splitlines()[-1:]}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def serious(tab, axe: str) -> list[str]:
    tab.ask(f"void eval({json.dumps(axe)})")
    found = tab.ask("axe.run(document, {resultTypes: ['violations']}).then(said => said.violations)")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, False), (1280, True)])
@pytest.mark.parametrize("name", ["full", "three"])
def test_axe_finds_nothing_serious(name, width, dark, shown, axe):
    opened = pages()[name].replace("<details>", "<details open>")
    tab = shown(opened, width, dark)
    tab.do("Page.setBypassCSP", enabled=True)
    try:
        tab = shown(opened, width, dark)
        assert serious(tab, axe) == []
    finally:
        tab.do("Page.setBypassCSP", enabled=False)


def test_axe_finds_what_is_wrong(shown, axe):
    bad = pages()["full"].replace("<main>", "<main><p><img><button></button></p>")
    shown(bad).do("Page.setBypassCSP", enabled=True)
    tab = shown(bad)
    try:
        assert {line.split(":")[0] for line in serious(tab, axe)} >= {"image-alt", "button-name"}
    finally:
        tab.do("Page.setBypassCSP", enabled=False)
