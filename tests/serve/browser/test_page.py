"""The page in a real Chromium: what it says, asks for, and keeps; by keyboard, on a phone, without a network, with broken files."""

import contextlib
import shutil
import socket

import pytest
from pocketrag.serve.browser.write_site import write_site
from pocketrag.serve.matched_words import MatchedWords

from pocketrag.formats.data.beir import Passage
from pocketrag.runtime.rag import open_bundle
from tests import barriers
from tests.bench.damage import put_digests_right
from tests.ladders import with_fallback
from tests.pocketrag.runtime.variants import with_passages
from tests.serve.browser.static_host import served
from tools.browser import visit, window

QUESTION = "what moves if king 0 meets bishop ?"
#: What is seen once the page answers, once it says that it can't, and once an answer is whole.
READY, FAILED = "#form", "#notes :text('searched here')"
ANSWERED = "#answer[aria-busy=false]"
#: A visit that loads models on a busy machine, in milliseconds.
PATIENCE = 180_000
#: Before a worker's own script: what a browser of another kind, or a small one, would do.
NO_SIMD = "const was = WebAssembly.validate; WebAssembly.validate = bytes => bytes.length > 60 && was(bytes)"
NO_MEMORY = """const was = WebAssembly.instantiate; WebAssembly.instantiate = (what, more) => what instanceof WebAssembly.Module
  ? Promise.reject(new RangeError('WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory')) : was(what, more)"""


@pytest.fixture
def site(tiny_bundle, browser_packages, tmp_path):
    write_site(with_fallback(tiny_bundle), tmp_path / "site", browser_packages)
    return tmp_path / "site"


@contextlib.contextmanager
def opened(site, before_worker="", until=READY, **context):
    """Yield the visit to a site, and its page's address."""
    worker = site / "js" / "worker.js"
    worker.write_text(f"{before_worker};\n{worker.read_text('utf-8')}", "utf-8")
    with served(site) as url, visit(**context) as found:
        found.page.goto(url)
        found.page.wait_for_selector(until, timeout=PATIENCE)
        yield found, url


def text_of(found, name):
    return found.page.text_content(f"#{name}")


def hits(found):
    return found.page.locator("#hits > li").count()


def search(found, question=QUESTION):
    """By keyboard alone."""
    found.page.focus("#question")
    found.page.keyboard.press("Control+A")
    found.page.keyboard.type(question)
    found.page.keyboard.press("Enter")
    found.page.wait_for_selector(ANSWERED, timeout=60_000)


def test_it_proves_itself_answers_and_asks_nobody(site):
    with opened(site) as (found, url):
        assert "golden texts" in text_of(found, "list") and "failed" not in text_of(found, "list")
        assert found.ask("document.activeElement.id") == "question"
        search(found)
        assert hits(found) == 10
        assert "encoder full" in text_of(found, "told") and "model" in text_of(found, "times")
        assert "rank 1" in text_of(found, "hits") and "cosine" in text_of(found, "hits")
        assert "apache-2.0" in text_of(found, "licence")
        assert text_of(found, "notice") == (site / "bundle" / "NOTICE").read_text("utf-8")
        assert found.errors == []
        assert [one for one in found.asked if not one.startswith(url)] == []


def test_the_other_encoder_the_threshold_and_the_mode(site):
    with opened(site) as (found, _):
        found.page.click("summary >> nth=0")
        found.page.select_option("#encoder", "static")
        found.page.wait_for_selector("#form button:enabled", timeout=PATIENCE)
        found.page.fill("#threshold", "1")
        search(found)
        told = text_of(found, "told")
        assert told.startswith("Probably not in this corpus") and "encoder static" in told
        assert hits(found) == 10
        found.page.select_option("#mode", "bm25")
        search(found, "xylophone")
        assert "none of the question's words stands in a passage" in text_of(found, "told")


def marked_words(rag, hit):
    """What Python marks in the title and the text of a hit."""
    words = MatchedWords(rag.database)
    wanted = words.wanted(QUESTION)
    return [text[a:b] for text in (hit.title, hit.text) for a, b in words.spans(text, wanted)]


def test_a_filter_and_the_words_that_match(site):
    with open_bundle(site / "bundle") as rag:
        answer = rag.search(QUESTION, 10, where={"source": ["rules"], "page": ["2", 2]})
        marked = {hit.id: marked_words(rag, hit) for hit in answer}
    with opened(site) as (found, _):
        found.page.click("summary >> nth=0")
        found.page.fill("#where", "source=rules, page=2")
        search(found)
        rows = found.page.locator("#hits > li")
        assert all("page 2" in row.inner_text() for row in rows.all())
        theirs = {r.get_attribute("data-id"): r.locator("mark").all_inner_texts() for r in rows.all()}
        assert theirs == marked and any(marked.values())
        found.page.fill("#where", "page=none")
        search(found)
        assert "no passage is as the filter says" in text_of(found, "told")
        found.page.fill("#where", "rules")
        found.page.press("#where", "Enter")
        assert "key=value" in text_of(found, "told") and found.errors == []


def test_it_says_that_no_generator_is_run(site):
    assert "generators are not run" in (site / "index.html").read_text("utf-8")


def test_without_a_network_after_the_first_visit(site):
    with visit() as found:
        with served(site) as url:
            found.page.goto(url)
            found.page.wait_for_selector(READY, timeout=PATIENCE)
        found.page.goto(url)
        found.page.wait_for_selector(READY, timeout=PATIENCE)
        search(found)
        assert hits(found) == 10


def test_nothing_of_a_bundle_is_html(tiny_bundle, browser_packages, tmp_path):
    bad = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script><b>king</b>"
    passages = [
        Passage(f"p{n}", f"{bad} {n}", f"the zebra{n} moves {bad}", {"source": bad, "page": n})
        for n in range(12)
    ]
    bundle = with_passages(tiny_bundle, tmp_path / "bad", passages)
    write_site(bundle, tmp_path / "site", browser_packages)
    # Its golden rankings are of another corpus: full text alone answers.
    with opened(tmp_path / "site") as (found, _):
        assert "failed its self-test: ranking" in text_of(found, "notes") and "Full text alone" in text_of(
            found, "notes"
        )
        search(found, "zebra3")
        assert bad in text_of(found, "hits")
        assert found.page.locator("#hits img, #hits script, #hits b").count() == 0
        assert found.page.title() != "run"


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
    with opened(site, until=until) as (found, _):
        told = text_of(found, "notes")
        assert [word for word in words if word not in told] == []
        if until == READY:
            search(found)
            assert hits(found) > 0


def test_a_missing_file_is_told(site):
    (site / "bundle" / "corpus.db").unlink()
    with opened(site, until=FAILED) as (found, _):
        assert "bundle/corpus.db: can't be loaded (the host answered 404)" in text_of(found, "notes")


@pytest.mark.parametrize(
    ("before", "word"), [(NO_SIMD, "no WebAssembly SIMD"), (NO_MEMORY, "too little memory")]
)
def test_a_browser_that_can_not_run_models_answers_by_full_text(before, word, site):
    with opened(site, before) as (found, _):
        told = text_of(found, "notes")
        assert told.count(word) == 2 and told.endswith("Full text alone answers.")
        search(found)
        assert "by words" in text_of(found, "told") and "full text alone answered" in text_of(found, "told")


def test_even_a_worker_that_asks_another_host_does_not_reach_it(site):
    with socket.create_server(("127.0.0.1", 0)) as other, opened(site) as (found, _):
        other.settimeout(1)
        address = f"http://127.0.0.1:{other.getsockname()[1]}/"
        ask = f"fetch('{address}', {{mode: 'no-cors'}}).then(() => 'answered', error => error.name)"
        for script in (found.page, found.page.workers[-1]):
            assert script.evaluate(ask) == "TypeError"
        with pytest.raises(TimeoutError):
            other.accept()


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_in_light_and_dark(dark, site, axe):
    # axe-core is a script of the test's; that the page's own policy holds is seen elsewhere.
    with opened(site, **window(390, 844, dark), bypass_csp=True) as (found, _):
        found.ask("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found.page.fill("#threshold", "1")
        search(found)
        assert found.ask("document.documentElement.scrollWidth") <= 390
        paper = found.ask("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(paper) < 380) is dark
        assert barriers.found(found, axe, barriers.ALL) == []


def test_the_keyboard_reaches_all_and_nothing_else(site):
    with opened(site) as (found, _):
        found.ask("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found.page.focus("#question")
        reached = []
        for _ in range(10):
            found.page.keyboard.press("Tab")
            reached.append(found.ask("document.activeElement.id || document.activeElement.localName"))
    assert reached == [
        *("button", "summary", "mode", "encoder", "limit", "threshold", "where"),
        *("summary", "summary", "notice"),
    ]


def test_a_newer_site_takes_the_place_of_the_older(site, tiny_bundle, browser_packages):
    with visit() as found, served(site) as url:
        found.page.goto(url)
        found.page.wait_for_selector(READY, timeout=PATIENCE)
        first = found.ask("caches.keys()")
        (tiny_bundle / "NOTICE").write_text("another notice")
        put_digests_right(tiny_bundle)
        fresh = site.with_name("fresh")
        write_site(tiny_bundle, fresh, browser_packages)
        shutil.copytree(fresh, site, dirs_exist_ok=True)
        # Whoever reads the older one is told; it stays as it is until it is opened again.
        found.ask("navigator.serviceWorker.getRegistration().then(one => one.update()).then(() => 0)")
        found.page.wait_for_selector("#notes :text('newer version')", timeout=60_000)
        found.page.reload()
        found.page.wait_for_selector("#notice:text('another notice')", timeout=PATIENCE, state="attached")
        found.page.wait_for_selector(READY, timeout=PATIENCE)
        assert found.ask("caches.keys()") != first and len(found.ask("caches.keys()")) == 1
