"""The page in a real browser that reaches nothing: it is drawn, logs no error, runs no script, fits, and can be used by keys."""

import contextlib
import functools
import re

import pytest
from pocketrag.bench.report import html

from tests import barriers
from tests.bench.page.full_report import asked, bare, full
from tests.bench.page.parse import Page
from tests.bench.page.shown import labelled, planted
from tools.browser import CHROMIUM, MISSING, visit, window

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
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


@pytest.fixture
def shown(tmp_path):
    """Shows a page, and returns the visit to it."""
    with contextlib.ExitStack() as opened:

        def show(source: str, width: int = 1280, dark: bool = False, **context):
            (tmp_path / "page.html").write_text(source, "utf-8")
            found = opened.enter_context(visit(**window(width, dark=dark), **context))
            found.page.goto((tmp_path / "page.html").as_uri())
            return found

        yield show
        opened.close()


@pytest.mark.parametrize(
    "broken",
    ["<script>throw Error('x')</script>", "<img src='http://example.invalid/x.png'>", "<p onclick='x'></p>"],
)
def test_a_page_that_runs_or_fetches_is_caught(broken, shown):
    source = pages()["bare"].replace("<main>", f"<main>{broken}")
    assert Page(source).problems
    if "onclick" not in broken:  # nobody clicks
        assert shown(source).errors


def test_a_page_that_is_not_kept_from_fetching_is_caught(shown):
    free = re.sub(r"<meta http-equiv[^>]*>", "", pages()["bare"])
    tab = shown(free.replace("<main>", "<main><img src='http://example.invalid/x.png'>"))
    assert tab.asked == ["http://example.invalid/x.png"]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["bare", "full", "three", "planted"])
def test_the_page_fits_asks_for_nothing_and_logs_nothing(name, width, shown):
    tab = shown(pages()[name], width)
    told = tab.ask(MEASURED)
    assert told["width"] <= width and told["outside"] == []
    assert told["sections"] == (12 if name == "bare" else 13)  # without an exam of a generator
    assert tab.asked == [] and tab.errors == [] and told["scripts"] == 0
    if name == "full":  # no table has to be scrolled, folded ones have no size
        assert told["scrolled"] == []
    if name != "bare":
        assert told["drawn"] >= 6 and told["svgs"] >= told["drawn"]


def test_a_row_is_a_card_on_a_phone_that_names_each_cell(shown):
    first = "getComputedStyle(document.querySelector('#prediction td'), '::before').content"
    tab = shown(pages()["full"], 390)
    assert tab.ask(first) == '"questions"'
    tab.page.set_viewport_size({"width": 1280, "height": 900})
    assert tab.ask(first) == "none"


def test_keys_alone_reach_every_folded_part_and_open_it(shown):
    tab = shown(pages()["full"])
    folded = tab.ask("document.querySelectorAll('summary').length")
    for _ in range(600):
        tab.page.keyboard.press("Tab")
        if tab.ask("document.activeElement.tagName") == "SUMMARY":
            tab.page.keyboard.press("Enter")
        if tab.ask("document.querySelectorAll('details[open]').length") == folded:
            break
    assert folded >= 8 and tab.ask("document.querySelectorAll('details[open]').length") == folded
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert tab.ask(outline) != "none"


def test_on_paper_folded_parts_are_open_and_nothing_is_dark(shown):
    pypdfium2 = pytest.importorskip("pypdfium2")
    paper = pypdfium2.PdfDocument(
        shown(pages()["full"], dark=True).page.pdf(print_background=True, prefer_css_page_size=True)
    )
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


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, False), (1280, True)])
@pytest.mark.parametrize("name", ["full", "three"])
def test_axe_finds_nothing_serious(name, width, dark, shown, axe):
    opened = pages()[name].replace("<details>", "<details open>")
    assert barriers.found(shown(opened, width, dark, bypass_csp=True), axe) == []


def test_axe_finds_what_is_wrong(shown, axe):
    bad = pages()["full"].replace("<main>", "<main><p><img><button></button></p>")
    found = barriers.found(shown(bad, bypass_csp=True), axe)
    assert {line.split(":")[0] for line in found} >= {"image-alt", "button-name"}
