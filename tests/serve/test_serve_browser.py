"""The page of `pocketrag serve` in a real Chromium: by keyboard alone, at a phone's width, in the dark."""

import contextlib
import json
import shutil

import pytest

from tests import barriers
from tests.servers import serving
from tools.browser import CHROMIUM, MISSING, visit, window

QUESTION = "what moves if king 0 meets queen ?"
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)


@contextlib.contextmanager
def visited(address, **context):
    with visit(**context) as found:
        found.page.goto(address)
        yield found.page, found.asked, found.errors


@pytest.fixture(scope="module")
def place(tiny_built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    for name in ("tiny", "other"):
        shutil.copytree(tiny_built / "out" / "tiny", folder / name)
    for name in ("queries.jsonl", "qrels.tsv"):
        shutil.copy(tiny_built / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def server(place):
    with serving("tiny", "other", "--queries", "queries.jsonl", "--qrels", "qrels.tsv", cwd=place) as started:
        yield started


def asked_by_keyboard(page):
    page.keyboard.type(QUESTION)  # the question has the focus
    page.keyboard.press("Enter")
    page.wait_for_selector("#answers li")


def test_a_question_by_keyboard_alone(server):
    with visited(server.address) as (page, asked, errors):
        asked_by_keyboard(page)
        hits = (
            page.locator("#answers section")
            .first.locator("li")
            .evaluate_all("all => all.map(one => one.dataset.id)")
        )
        assert page.locator("#said").inner_text().endswith("passages.")
        wanted = server.post("/search", {"question": QUESTION, "limit": 5})[1]
        assert hits == [hit["id"] for hit in wanted["hits"]]
        assert all(url.startswith(server.address) for url in asked) and not errors


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_it_fits_a_phone_and_a_desk(width, scheme, server):
    with visited(server.address, viewport={"width": width, "height": 800}, color_scheme=scheme) as (
        page,
        _,
        errors,
    ):
        asked_by_keyboard(page)
        page.locator("summary").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width and not errors
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


def test_two_side_by_side_mark_what_only_one_found(server):
    with visited(server.address) as (page, _, errors):
        page.locator("summary").first.click()
        page.select_option("[data-side='1'] [name=mode]", "bm25")
        page.fill("#question", QUESTION)
        page.keyboard.press("Enter")
        page.wait_for_selector("#answers section:nth-child(2) li")
        sides = [
            set(
                page.locator(f"#answers section:nth-child({n}) li").evaluate_all(
                    "all => all.map(o => o.dataset.id)"
                )
            )
            for n in (1, 2)
        ]
        only = set(page.locator("#answers li.only").evaluate_all("all => all.map(one => one.dataset.id)"))
        assert only == sides[0] ^ sides[1] and not errors


def test_an_own_threshold_and_a_filter(server):
    with visited(server.address) as (page, _, errors):
        page.locator("summary").first.click()
        page.locator("[data-side='0'] [name=given]").check()
        page.locator("[data-side='0'] [name=threshold]").fill("1")
        page.fill("#where", "page=2")
        page.fill("#question", QUESTION)
        page.keyboard.press("Enter")
        page.wait_for_selector(".notice")
        assert "Probably not in this corpus" in page.locator(".notice").first.inner_text()
        assert "page 2" in page.locator("#answers li").first.inner_text() and not errors
        page.fill("#where", "nothing")
        page.press("#where", "Enter")
        page.locator("#said", has_text="key=value").wait_for()


def test_votes_and_judged_questions(server, place):
    with visited(server.address) as (page, _, errors):
        asked_by_keyboard(page)
        button = page.locator("#answers li button").first
        button.press("Enter")
        page.wait_for_selector("[aria-pressed=true]")
        row = json.loads((place / "votes.jsonl").read_text().splitlines()[-1])
        assert row["question"] == QUESTION and row["expected"][0]["score"] == 1
        page.locator("#judged summary").press("Enter")
        page.wait_for_selector("#judged td button", timeout=60_000)
        page.locator("#judged td button").first.press("Enter")
        page.locator("#said", has_text="Expected:").wait_for()
        assert not errors


def test_what_passages_say_is_text(server):
    with visited(server.address) as (page, _, errors):
        page.fill("#question", "<img src=x onerror=alert(1)> king")
        page.keyboard.press("Enter")
        page.wait_for_selector("#answers section")
        assert page.locator("main img").count() == 0 and not errors


def test_every_control_has_a_name(server):
    with visited(server.address) as (page, _, _):
        page.locator("summary").first.click()
        page.focus("#question")
        asked_by_keyboard(page)
        nameless = page.evaluate(
            "[...document.querySelectorAll('input, select, button')].filter(one => !(one.labels?.length || one.ariaLabel || one.textContent.trim())).length"
        )
        assert nameless == 0


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1280, False), (1280, True)])
def test_axe_finds_nothing(width, dark, server, axe):
    # axe-core is a script of the test's; that the page's own policy holds is seen elsewhere.
    with visit(**window(width, 800, dark), bypass_csp=True) as found:
        found.page.goto(server.address)
        found.ask("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found.page.check("#context")
        found.page.check("[data-side='0'] [name=given]")
        found.page.fill("[data-side='0'] [name=threshold]", "1")
        found.page.focus("#question")
        asked_by_keyboard(found.page)
        found.page.wait_for_selector("#judged td button", timeout=60_000)
        assert barriers.found(found, axe, barriers.ALL) == [] and found.errors == []
        assert all(url.startswith(server.address) for url in found.asked)


def test_the_keyboard_reaches_every_control(server):
    with visited(server.address) as (page, _, _):
        page.locator("summary").first.press("Enter")
        page.focus("#question")
        asked_by_keyboard(page)
        controls = page.locator("summary, input:enabled, select, button").filter(visible=True)
        wanted = controls.evaluate_all("all => all.forEach((one, n) => { one.dataset.n = n; }) ?? all.length")
        reached = set()
        for _ in range(wanted + 20):
            reached.add(page.evaluate("document.activeElement.dataset.n ?? null"))
            page.keyboard.press("Tab")
        assert reached - {None} == {str(n) for n in range(wanted)}


def test_a_server_that_ended_is_said(place):
    with serving("tiny", cwd=place) as server, visited(server.address) as (page, _, _):
        server.end()
        page.fill("#question", QUESTION)
        page.keyboard.press("Enter")
        page.locator("#said", has_text="pocketrag serve").wait_for()
