import html
import re

import pytest
from pocketrag.bench.gates.markdown import plain, summary

from pocketrag.formats.facts.verify import VerifyFacts
from tests.verbs import environment


def facts(*gates, exit_=0):
    return VerifyFacts.model_validate({"bundle": "demo", "for": "release", "exit": exit_, "gates": [
        {"gate": name, "outcome": outcome, "detail": detail, "value": value, "limit": limit} for name, outcome, detail, value, limit in gates
    ]})  # fmt: skip


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_verdict_counts_and_what_needs_attention_first():
    text = summary(
        facts(
            ("d", "skipped", "not asked for", None, None),
            ("a", "pass", "", 0.9, 0.8),
            ("b", "unchecked", "no phone", None, None),
            ("c", "fail", "less", 0.1, 0.5),
            exit_=1,
        )
    )
    assert "do not ship" in text and "1 fail, 1 unchecked, 1 pass, 1 skipped" in text
    rows = [cells(line) for line in text.splitlines() if line.startswith("| ")][1:]
    assert rows == [
        ["c", "❌ fail", "0.1", "0.5", "less"],
        ["b", "⚪ unchecked", "", "", "no phone"],
        ["a", "✅ pass", "0.9", "0.8", ""],
        ["d", "➖ skipped", "", "", "not asked for"],
    ]


@pytest.mark.parametrize(
    ("code", "words"), [(0, "all required gates pass"), (1, "do not ship"), (4, "could not be checked")]
)
def test_every_exit_code_is_said(code, words):
    assert words in summary(facts(exit_=code))


@pytest.mark.parametrize(
    "text", ["a | b", "a\nb\r\nc", "<img src=x>", "![x](y)", "`x`", "\\|", "**b**", "&amp;", "\x1b|\u2028|"]
)
def test_no_text_of_a_gate_breaks_the_table_or_becomes_markup(text):
    rows = [
        line
        for line in summary(facts((text, "fail", text, None, None))).splitlines()
        if line.startswith("| ")
    ]
    assert len(rows) == 2 and len(cells(rows[1])) == 5
    shown = html.unescape(re.sub(r"\\(.)", r"\1", cells(rows[1])[4]))
    assert shown == " ".join(text.split()) and not re.search(r"<|(?<!\\)[`*\[!]", cells(rows[1])[4])


def test_the_environment_stands_below():
    here = {**environment(), "commit": "0123456789abcdef", "dirty": True}
    assert "commit 0123456789ab with changes" in summary(facts(), here) and plain(here["time"]) in summary(
        facts(), here
    )
