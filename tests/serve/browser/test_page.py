"""The page in a real Chromium: what it says, asks for, and keeps; by keyboard, on a phone, without a network, with broken files."""

import contextlib
import shutil
import socket

import pytest
from pocketrag.serve.browser.write_site import write_site

from pocketrag.formats.data.beir import Passage
from tests.bench.damage import put_digests_right
from tests.ladders import with_fallback
from tests.pocketrag.runtime.variants import with_passages
from tests.serve.browser.chromium import chromium, served

QUESTION = "what moves if king 0 meets bishop ?"
READY = "!document.getElementById('form').hidden"
FAILED = "document.getElementById('notes').innerText.includes('searched here')"
ANSWERED = (
    "!document.getElementById('answer').hidden && document.getElementById('answer').ariaBusy === 'false'"
)
#: Before a worker's own script: what a browser of another kind, or a small one, would do.
NO_SIMD = "const was = WebAssembly.validate; WebAssembly.validate = bytes => bytes.length > 60 && was(bytes)"
NO_MEMORY = """const was = WebAssembly.instantiate; WebAssembly.instantiate = (what, more) => what instanceof WebAssembly.Module
  ? Promise.reject(new RangeError('WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory')) : was(what, more)"""


@pytest.fixture
def site(tiny_bundle, browser_packages, tmp_path):
    write_site(with_fallback(tiny_bundle), tmp_path / "site", browser_packages)
    return tmp_path / "site"


@contextlib.contextmanager
def opened(site, before_worker="", until=READY):
    with served(site) as url, chromium() as browser:
        browser.before_worker = before_worker
        browser.go(url)
        browser.until(until, 180)
        yield browser, url


def text_of(browser, name):
    return browser.evaluate(f"document.getElementById('{name}').textContent")


def search(browser, question=QUESTION):
    browser.evaluate("document.getElementById('question').focus()")
    browser.evaluate("document.getElementById('question').value = ''")
    browser.type(question)
    browser.press("Enter", 13, "\r")
    browser.until(ANSWERED)


def test_it_proves_itself_answers_and_asks_nobody(site):
    with opened(site) as (browser, url):
        assert "golden texts" in text_of(browser, "list") and "failed" not in text_of(browser, "list")
        assert browser.evaluate("document.activeElement.id") == "question"
        search(browser)  # keyboard alone
        assert browser.evaluate("document.getElementById('hits').children.length") == 10
        assert "encoder full" in text_of(browser, "told") and "model" in text_of(browser, "times")
        assert "rank 1" in text_of(browser, "hits") and "cosine" in text_of(browser, "hits")
        assert "apache-2.0" in text_of(browser, "licence")
        assert text_of(browser, "notice") == (site / "bundle" / "NOTICE").read_text("utf-8")
        assert browser.logged() == []
        assert [one for one in browser.requested() if not one.startswith(url)] == []


def test_the_other_encoder_the_threshold_and_the_mode(site):
    with opened(site) as (browser, _):
        browser.evaluate(
            "(s => { s.value = 'static'; s.dispatchEvent(new Event('change')); })(document.getElementById('encoder'))"
        )
        browser.until(
            "document.getElementById('loading').hidden && !document.querySelector('button').disabled", 120
        )
        browser.evaluate("document.getElementById('threshold').value = '1'")
        search(browser)
        told = text_of(browser, "told")
        assert told.startswith("Probably not in this corpus") and "encoder static" in told
        assert browser.evaluate("document.getElementById('hits').children.length") == 10
        browser.evaluate("document.getElementById('mode').value = 'bm25'")
        search(browser, "xylophone")
        assert "none of the question's words stands in a passage" in text_of(browser, "told")


def test_without_a_network_after_the_first_visit(site):
    with chromium() as browser:
        with served(site) as url:
            browser.go(url)
            browser.until(READY, 180)
        browser.evaluate("window.before = true")
        browser.go(url)
        browser.until(f"!window.before && {READY}", 180)
        search(browser)
        assert browser.evaluate("document.getElementById('hits').children.length") == 10


def test_nothing_of_a_bundle_is_html(tiny_bundle, browser_packages, tmp_path):
    bad = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script><b>king</b>"
    passages = [
        Passage(f"p{n}", f"{bad} {n}", f"the zebra{n} moves {bad}", {"source": bad, "page": n})
        for n in range(12)
    ]
    bundle = with_passages(tiny_bundle, tmp_path / "bad", passages)
    write_site(bundle, tmp_path / "site", browser_packages)
    # Its golden rankings are of another corpus: full text alone answers.
    with opened(tmp_path / "site") as (browser, _):
        assert "failed its self-test: ranking" in text_of(browser, "notes") and "Full text alone" in text_of(
            browser, "notes"
        )
        search(browser, "zebra3")
        assert bad in text_of(browser, "hits")
        found = "document.querySelectorAll('#hits img, #hits script, #hits b').length"
        assert browser.evaluate(found) == 0 and browser.evaluate("document.title") != "run"


@pytest.mark.parametrize(
    ("files", "until", "words"),
    [
        (["embedder.tflite"], READY, ["The encoder full can't be used", "SHA-256 differs", "The encoder static answers"]),
        (["embedder.tflite", "fallback.tflite"], READY, ["The encoder full", "The encoder static", "Full text alone answers"]),
        (["corpus.db"], FAILED, ["bundle/corpus.db: is not the file that was written"]),
        (["SHA256SUMS"], FAILED, ["bundle/SHA256SUMS: is not the file that was written"]),
    ],
)  # fmt: skip
def test_a_broken_file_is_told_and_the_next_rung_answers(files, until, words, site):
    for name in files:
        with (site / "bundle" / name).open("r+b") as stream:
            stream.seek(40)
            stream.write(b"\0" * 8)
    with opened(site, until=until) as (browser, _):
        told = text_of(browser, "notes")
        assert [word for word in words if word not in told] == []
        if until == READY:
            search(browser)
            assert browser.evaluate("document.getElementById('hits').children.length") > 0


def test_a_missing_file_is_told(site):
    (site / "bundle" / "corpus.db").unlink()
    with opened(site, until=FAILED) as (browser, _):
        assert "bundle/corpus.db: can't be loaded (the host answered 404)" in text_of(browser, "notes")


@pytest.mark.parametrize(
    ("before", "word"), [(NO_SIMD, "no WebAssembly SIMD"), (NO_MEMORY, "too little memory")]
)
def test_a_browser_that_can_not_run_models_answers_by_full_text(before, word, site):
    with opened(site, before) as (browser, _):
        told = text_of(browser, "notes")
        assert told.count(word) == 2 and told.endswith("Full text alone answers.")
        search(browser)
        assert "by words" in text_of(browser, "told") and "full text alone answered" in text_of(
            browser, "told"
        )


def test_even_a_worker_that_asks_another_host_does_not_reach_it(site):
    with socket.create_server(("127.0.0.1", 0)) as other, opened(site) as (browser, _):
        other.settimeout(1)
        address = f"http://127.0.0.1:{other.getsockname()[1]}/"
        ask = f"fetch('{address}', {{mode: 'no-cors'}}).then(() => 'answered', error => error.name)"
        for session in (browser.page, browser.workers[-1]):
            assert browser.evaluate(ask, session=session) == "TypeError"
        with pytest.raises(TimeoutError):
            other.accept()


@pytest.mark.parametrize(("scheme", "bright"), [("light", True), ("dark", False)])
def test_on_a_phone_in_light_and_dark(scheme, bright, site, axe):
    with opened(site) as (browser, _):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.send("Emulation.setEmulatedMedia", browser.page, features=features)
        phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        browser.send("Emulation.setDeviceMetricsOverride", browser.page, **phone)
        browser.evaluate("document.getElementById('threshold').value = '1'")
        search(browser)
        browser.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert browser.evaluate("document.documentElement.scrollWidth") <= 390
        paper = browser.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(paper) > 380) is bright
        browser.evaluate(f"{axe}; 0")
        barriers = "axe.run().then(found => found.violations.map(one => one.id + ' ' + one.nodes[0].html))"
        assert browser.evaluate(barriers) == []


def test_the_keyboard_reaches_all_and_nothing_else(site):
    with opened(site) as (browser, _):
        browser.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        browser.evaluate("document.getElementById('question').focus()")
        reached = []
        for _ in range(9):
            browser.press("Tab", 9)
            reached.append(browser.evaluate("document.activeElement.id || document.activeElement.localName"))
    assert reached == [
        "button",
        "summary",
        "mode",
        "encoder",
        "limit",
        "threshold",
        "summary",
        "summary",
        "notice",
    ]


def test_a_newer_site_takes_the_place_of_the_older(site, tiny_bundle, browser_packages):
    with chromium() as browser, served(site) as url:
        browser.go(url)
        browser.until(READY, 180)
        first = browser.evaluate("caches.keys()")
        (tiny_bundle / "NOTICE").write_text("another notice")
        put_digests_right(tiny_bundle)
        fresh = site.with_name("fresh")
        write_site(tiny_bundle, fresh, browser_packages)
        shutil.copytree(fresh, site, dirs_exist_ok=True)
        # Whoever reads the older one is told; it stays as it is until it is opened again.
        browser.evaluate("navigator.serviceWorker.getRegistration().then(one => one.update())")
        browser.until("document.getElementById('notes').innerText.includes('newer version')", 60)
        browser.evaluate("window.before = true")
        browser.go(url)
        browser.until(f"!window.before && {READY}", 180)
        browser.until("document.getElementById('notice').textContent === 'another notice'", 30)
        assert browser.evaluate("caches.keys()") != first and len(browser.evaluate("caches.keys()")) == 1
