"""The page: everything escaped, nothing fetched, and the table that it saves is the one that is read."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from pocketrag.ingest.synthetic.review_page import review_page
from pocketrag.ingest.synthetic.review_table import COLUMNS, Decision, read_review, review_rows

from pocketrag.formats.data.beir import Passage, Question
from tests.conftest import ROOT

EVIL = '</textarea></script><script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7*7 }}'
PASSAGES = {
    "p1": Passage("p1", EVIL, f"{EVIL}\nsecond line"),
    "p2": Passage("p2", "Clock", "The clock stops."),
}
WRITTEN = {
    "s-1": Question("s-1", EVIL, {"passage": "p1"}),
    "s-2": Question("s-2", "-1 or '=1?", {"passage": "p2"}),
}


def page(decisions=None):
    return review_page(
        "tiny", review_rows(list(WRITTEN.values()), PASSAGES, decisions or {}), "pocketrag questions x"
    )


class Seen(HTMLParser):
    """Elements, and texts of text areas."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.area = [], [], False

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.area = tag == "textarea"

    def handle_data(self, data):
        if self.area:
            self.texts.append(data)
            self.area = False


def test_texts_are_texts_and_nothing_is_fetched():
    seen = Seen()
    seen.feed(page())
    names = [tag for tag, _ in seen.tags]
    assert names.count("script") == 1 and "img" not in names and names.count("article") == 2
    assert not any(name in attrs for _, attrs in seen.tags for name in ("src", "href", "onerror", "onclick"))
    assert [text.lstrip("\n") for text in seen.texts] == [EVIL, "-1 or '=1?"]
    assert "49" not in page().split("<main>")[1]


def test_only_its_own_script_may_run():
    script = re.search(r"<script>(.*)</script>\s*</body>", page(), re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page()


def test_every_control_has_a_name_and_a_decision_is_shown():
    said = Decision("x:1", "mend", "Is it minus one?")
    seen = Seen()
    seen.feed(page({"s-2": said}))
    ids = {attrs.get("id") for _, attrs in seen.tags}
    labels = [attrs["for"] for tag, attrs in seen.tags if tag == "label" and "for" in attrs]
    assert len(labels) == 2 and set(labels) <= ids
    chosen = [attrs["value"] for tag, attrs in seen.tags if tag == "input" and "checked" in attrs]
    assert chosen == ["", "accept"] and seen.texts[1].lstrip("\n") == "Is it minus one?"


@pytest.mark.skipif(shutil.which("node") is None, reason="no JavaScript here")
def test_the_table_that_the_page_saves_is_the_one_that_is_read(tmp_path):
    """Its own two functions, run by node, on the cells of the page."""
    script = (ROOT / "ingest" / "synthetic" / "templates" / "review.js").read_text("utf-8")
    functions = re.search(r"(?s)// As review_table.*?(?=function wordOf)", script)[0]
    rows = review_rows(list(WRITTEN.values()), PASSAGES, {"s-2": Decision("x:1", "reject", "-1 or '=1?")})
    cells = [[row[name] for name in COLUMNS] for row in rows]
    program = (
        f"const columns = {json.dumps(COLUMNS)};{functions};process.stdout.write(csv({json.dumps(cells)}))"
    )
    done = subprocess.run(["node", "-e", program], capture_output=True, check=True)
    file = tmp_path / "review.csv"
    file.write_bytes(done.stdout)
    found = read_review(file, WRITTEN)
    assert found["s-1"] is None and found["s-2"].word == "reject"


@pytest.mark.skipif(shutil.which("node") is None, reason="no JavaScript here")
def test_the_script_is_one():
    file = ROOT / "ingest" / "synthetic" / "templates" / "review.js"
    assert subprocess.run(["node", "--check", str(file)], capture_output=True).returncode == 0
