"""Numbers, names and letters that people write in several ways: each is found by each of the others."""

from itertools import permutations

import pytest

from pocketrag.formats.data.beir import Passage, Question
from pocketrag.runtime.full_text import full_text

#: Ways to write one thing; of each group, what is next to it in a drawer but is another thing.
GROUPS = [
    (("1 000", "1.000", "1,000", "1'000", "1’000", "1000", "1\u00a0000", "1\u202f000"), ("1 001", "2.000", "10")),
    (("12 345 678", "12.345.678", "12,345,678", "12345678"), ("12 345 679", "12.345")),
    (("12 a", "12a"), ("12 b", "13a", "12")),
    (("AB-1234", "AB1234", "AB 1234", "AB/1234"), ("AB 1235, CD 1234", "AC1234", "AB-123-4 B")),
    (("978-3-16-148410-0", "978 3 16 148410 0", "9783161484100"), ("978-3-16-148411-7", "9783161484117")),
    (("+49 30 123456", "+49-30-123456", "+49 (30) 123456", "4930123456"), ("+49 30 123457", "+49 40 123456")),
    (("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"), ("DE89 3704 0044 0532 0130 01",)),
    (("M8x20", "M8×20", "M8 x 20", "M8 × 20"), ("M8x25", "M6×20")),
    (("20 m²", "20 m2", "20m²", "20m2"), ("21 m²", "20 m³")),
    (("5 cm³", "5cm3"), ("6 cm³", "5 cm")),
    (("10 k\u03a9", "10 k\u2126", "10k\u03a9"), ("11 kΩ", "10 k")),
    (("5 \u00b5m", "5\u03bcm"), ("6 µm", "5 m")),
    (("5 A", "5A"), ("6 A", "5 V")),
    (("½", "1/2", "1\u20442"), ("1/3", "2/1", "12")),
    (("3½", "3 1/2"), ("2½", "3")),
    (("می\u200cخواهم", "میخواهم", "ميخواهم"), ("می‌دانم",)),
    (("हिंदी", "हिन्दी"), ("हिमाल",)),
    (("लंबा", "लम्बा"), ("लाभ",)),
    (("পুণ্যবৎ", "পুণ্যবত্"), ("পুণ্য",)),
    (("അവൻ", "അവന്\u200d", "അവന്"), ("അവൾ",)),
    (("ייִדיש װײס", "ייִדיש ווייס"), ("ייִדיש רויט",)),
    (("ہے", "هے"), ("تھا",)),
    (("كتاب", "کتاب"), ("کاتب",)),
]  # fmt: skip


@pytest.mark.parametrize(("ways", "others"), GROUPS, ids=[ways[0] for ways, _ in GROUPS])
def test_each_way_finds_each_other(ways, others):
    for there, asked in permutations(ways, 2):
        texts = [*(f"part of {other} here" for other in others), f"part of {there} here"]
        texts += [f"about nothing {n}" for n in range(90, 93)]
        run = full_text([Passage(f"p{n}", "", text) for n, text in enumerate(texts)], [Question("q", asked)])["q"]  # fmt: skip
        assert run and run[0][0] == f"p{len(others)}", (there, asked)


@pytest.mark.parametrize(
    ("text", "question"),
    [("Satz¹ gilt", "Satz"), ("¹Satz gilt", "Satz"), ("10² m", "10"), ("mots¹²", "mots")],
)
def test_a_raised_digit_is_no_part_of_a_word(text, question):
    passages = [Passage("x", "", text), Passage("y", "", "another thing")]
    assert full_text(passages, [Question("q", question)])["q"][0][0] == "x"


def test_what_is_no_thousands_stays_as_it_is():
    passages = [Passage("x", "", "article 6.11.4"), Passage("y", "", "6114 others")]
    assert [id_ for id_, _ in full_text(passages, [Question("q", "6114")])["q"]] == ["y"]
