"""Facts of any verb as a person reads them: no Python literal, nothing cut."""

import pytest

from pocketrag.cli.views.plain_table import said, show_plain
from pocketrag.formats.facts.base import Facts


class Sample(Facts):
    folder: str
    rows_read: int
    bytes: int
    train_seconds: float
    share: float
    whole: bool
    nothing: str | None
    names: tuple[str, ...]
    empty: tuple[str, ...]
    counts: dict[str, int]
    deep: dict[str, dict[str, float]]
    rows: tuple[dict[str, int], ...]


SAMPLE = Sample(
    folder="a/" + "long/" * 60 + "end", rows_read=12345, bytes=12_345_678, train_seconds=61.25, share=0.123456,
    whole=True, nothing=None, names=("a", "b"), empty=(), counts={"of_one": 1, "two": 2},
    deep={"base": {"loss": 0.5}}, rows=({"step": 1, "x": 2}, {"step": 3}),
)  # fmt: skip


def test_every_fact_is_readable_and_whole(capsys):
    show_plain(SAMPLE)
    shown = capsys.readouterr().out
    assert SAMPLE.folder in shown, "a path must stay in one piece"
    for words in ("rows read", "12,345", "12.3 MB", "61.2 s", "0.1235", "yes", "a, b", "none", "of one 1, two 2", "deep: base"):  # fmt: skip
        assert words in shown, words
    assert not {"{", "}", "['", "None", "True"} & set(shown.split()) and "{'" not in shown


@pytest.mark.parametrize(
    ("value", "key", "words"),
    [(999, "bytes", "999"), ({}, "", "none"), ([[1, 2]], "", "1, 2"), (0.00001234, "", "1.234e-05")],
)
def test_values(value, key, words):
    assert said(value, key) == words
