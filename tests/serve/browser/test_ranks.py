"""The page finds what Python finds: 200 questions each of the demo and of a bundle in eleven languages, in a real Chromium."""

import json
from pathlib import Path

import pytest
from pocketrag.serve.browser.write_site import write_site

from pocketrag.formats.data.beir import Passage
from pocketrag.runtime.rag import open_bundle
from tests.bench.damage import edit_json, put_digests_right
from tests.conftest import ROOT
from tests.pocketrag.runtime import languages
from tests.pocketrag.runtime.variants import with_passages
from tests.serve.browser import asking
from tests.serve.browser.static_host import served
from tools.browser import visit

QUESTIONS = 200
#: What another processor may make of int8 activations (android_assets/README.md, "Agreement").
OVERLAP = 0.95


def compared(browser, bundle, role, questions, mode):
    """Return for each question the ids that both found, Python's first."""
    with open_bundle(bundle, start=role) as rag:
        mine = [[hit.id for hit in answer] for answer in rag.search_many(questions, 10, mode=mode)]
    theirs = [[hit["id"] for hit in answer["hits"]] for answer in asking.ask(browser, questions, mode)]
    return list(zip(mine, theirs, strict=True))


def overlap(pairs):
    return sum(len({*mine} & {*theirs}) / max(len(mine), 1) for mine, theirs in pairs) / len(pairs)


def test_the_demo(demo_bundle, browser_packages, tmp_path):
    write_site(demo_bundle, tmp_path / "site", browser_packages)
    rows = (ROOT / "examples" / "handbook" / "queries.jsonl").read_text("utf-8").splitlines()[:QUESTIONS]
    questions = [json.loads(row)["text"] for row in rows]
    with served(tmp_path / "site") as url, visit() as browser:
        browser.page.goto(url)
        assert asking.start(browser)["encoder"] == "static", "the smaller one is loaded first"
        for mode in ("dense", "bm25", "hybrid"):
            assert all(
                mine == theirs for mine, theirs in compared(browser, demo_bundle, "fallback", questions, mode)
            )
        assert asking.choose(browser, "full")["encoder"] == "full"
        for mode in ("dense", "hybrid"):
            pairs = compared(browser, demo_bundle, "main", questions, mode)
            assert len(pairs) == QUESTIONS and overlap(pairs) >= OVERLAP


def of_many_languages(bundle, folder) -> tuple[Path, list[str]]:
    """A copy of a bundle in which passages of eleven languages lie, and questions on them; its golden ranks are made again."""
    passages, questions = [], []
    for language in languages.SETS:
        some, asked = languages.of(language)
        passages += [Passage(f"{language}-{p.id}", p.title, p.text, p.metadata) for p in some]
        questions += [one.text for one in asked]
    copy = with_passages(bundle, folder, passages)
    with open_bundle(copy) as rag:

        def again(golden):
            for text in golden["texts"]:
                modes = text["top"]
                text["top"] = {
                    mode: [id_ for id_, _ in rag.rank(text["question"], mode=mode)[:10]] for mode in modes
                }

        edit_json(copy / "golden.json", again)
    put_digests_right(copy)
    return copy, questions


@pytest.mark.parametrize("kind", ["wordpiece", "sentencepiece"])
def test_eleven_languages(kind, request, browser_packages, tmp_path):
    """By the tiny BERT's words, and by a tiny Gemma's pieces, whose weights have 4 and 8 bits."""
    bundle = (
        request.getfixturevalue("tiny_bundle")
        if kind == "wordpiece"
        else request.getfixturevalue("gemma_built")[0] / "work" / "tiny" / "bundle" / "tiny"
    )
    copy, questions = of_many_languages(bundle, tmp_path / "many")
    asked = (questions * 2)[:QUESTIONS]
    write_site(copy, tmp_path / "site", browser_packages)
    with served(tmp_path / "site") as url, visit() as browser:
        browser.page.goto(url)
        told = asking.start(browser)
        assert told["encoder"] == "full", told
        assert all(mine == theirs for mine, theirs in compared(browser, copy, "main", asked, "bm25"))
        for mode in ("dense", "hybrid"):
            pairs = compared(browser, copy, "main", asked, mode)
            assert len(pairs) == QUESTIONS and overlap(pairs) >= OVERLAP
