"""A report's page, and what of it tests look at."""

import re

from pocketrag.bench.report import html, label_reports

from pocketrag.formats.bundle_report import Report
from tests.bench.page.parse import Page

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}"


#: Values that decide what a page shows; keys that are names.
KEPT, NAMED = (
    {"outcome", "manifest_sha256"},
    {"embedder.tflite", "easy", "clocks", "R5CT1", "hybrid", "numpy", "quality_gate"},
)


def labelled(*reports: dict):
    return label_reports([Report.model_validate(one) for one in reports])


def page(*reports: dict) -> Page:
    return Page(html(labelled(*reports)))


def card(found: Page) -> str:
    return re.search(r'<p class="verdict">(.*?)</p>', found.source)[1]


def table(found: Page, words: str) -> list[list[str]]:
    (rows,) = [rows for caption, rows in found.tables.items() if words in caption]
    return rows


def planted(value):
    """A report with the same text wherever there is text, as names of files and phones, too."""
    if isinstance(value, dict):
        return {
            key if key in KEPT or key.isdigit() else f"{key}{NASTY}" if key in NAMED else key: planted(v)
            if key not in KEPT
            else v
            for key, v in value.items()
        }
    if isinstance(value, list):
        return [planted(inner) for inner in value]
    return NASTY if isinstance(value, str) else value
