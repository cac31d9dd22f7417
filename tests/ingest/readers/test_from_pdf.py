import pytest
from pocketrag.ingest.readers.document import Skip
from pocketrag.ingest.readers.from_pdf import joined, read_pdf
from pocketrag.ingest.readers.running_lines import Line, without_running_lines

from pocketrag.errors import InputError
from tests.ingest.pdf import encrypted, make_pdf

PDF = make_pdf(["The clock", "stops."], [], ["Café"], title="The rules")


def test_a_section_a_page():
    document = read_pdf(PDF, "x")
    assert [(s.page, s.text.strip()) for s in document.sections] == [(1, "The clock stops."), (3, "Café")]
    assert document.blank == (2,) and document.title == "The rules" and not document.markdown


@pytest.mark.parametrize("title", ["Microsoft Word - rules.doc", "rules_v3.docx", "untitled", ""])
def test_a_title_that_a_program_left_is_none(title):
    assert read_pdf(make_pdf(["a"], title=title), "x").title == ""


@pytest.mark.parametrize(
    ("pages", "wanted"),
    [
        (["exam-\nple", "one Example"], "example"),
        (["exam-\nple"], "example"),
        (["well-\nknown", "known"], "well-known"),
        (["well-\nknown, well-known"], "well-known, well-known"),
        (["well-\nknown, well-known, wellknown"], "wellknown, well-known, wellknown"),
        (["sched\x02ule"], "schedule"),
        (["1\x022"], "1-2"),
        (["Clocks . . . . . . . 12", "x"], "Clocks 12"),
        (["Clocks ........ 3.50 ... ok"], "Clocks 3.50 ... ok"),
        (["soft\u00ad\nly soft\u00adly"], "soft ly softly"),
        (["1-\n2 12"], "1-\n2 12"),
        (["\uf0b7\none\n\uf0b7 two, Satz¹"], "- one\n- two, Satz ¹"),
        (["ポンプの点検は毎月一\n度おこないます。"], "ポンプの点検は毎月一度おこないます。"),
    ],
)
def test_words_cut_at_a_line_end_and_dot_leaders_are_mended(pages, wanted):
    assert joined(pages)[0] == wanted


def test_what_can_not_be_read_is_skipped_with_the_reason():
    with pytest.raises(Skip, match="scanned"):
        read_pdf(make_pdf([], []), "x")
    with pytest.raises(Skip, match="an empty file"):
        read_pdf(b"", "x")
    with pytest.raises(Skip, match="encrypted"):
        read_pdf(encrypted(PDF, "secret"), "x")
    assert len(read_pdf(encrypted(PDF, ""), "x").sections) == 2  # it only forbids printing


def test_heads_and_feet_go_and_lines_that_only_come_back_stay():
    pages = [
        [
            Line("Handbook, edition 7", 820),
            Line(f"Step {n}: turn", 760),
            Line("the wheel", 746),
            Line(f"- {n} -", 30),
        ]
        for n in range(3)
    ]
    assert without_running_lines(pages) == [f"Step {n}: turn\nthe wheel" for n in range(3)]
    assert without_running_lines(pages[:2])[0].startswith(
        "Handbook, edition 7\n"
    )  # on two pages it may be text
    assert without_running_lines([[Line("a", 50), Line("b", 36)]] * 3) == ["a\nb"] * 3  # nothing stands apart


PIECES = ("king", "queen", "rook", "bishop")


@pytest.mark.parametrize(
    ("head", "body", "foot"),
    [
        (["ACME Handbook"], ["The {piece} moves.", "It wins."], ["Page {n}"]),
        (["ACME Handbook"], ["Rule {n}", "The {piece} moves only.", "It was {piece} who left."], ["{n}"]),
        (["ACME Handbook"], ["Section {n} starts with words", "that go on, and the infor-", "mation is here; well-", "known too.",
                             "1. first item", "- 5 is negative"], ["Page {n}"]),
        (["ACME Handbook", "Page {n} of 4"], ["Unplug it first.", "The {piece} moves."], []),
        ([], ["Unplug it first.", "The {piece} moves."], ["- {n} -", "ACME Handbook"]),
        (["ACME Handbook {n}"], ["Unplug it first", "The {piece} moves", "- Unplug it last"], ["{n}"]),
        ([], ["Step {n}", "The {piece} moves.", "Unplug it first."], []),
        ([], ["Section {n} begins", "The {piece} moves", "and the clock stops"], []),
        ([], ["Unplug the pump", "before you open the {piece}.", "Then wait"], ["{n}"]),
        ([], ["One king.", "Two kings."], []),
    ],
)  # fmt: skip
def test_heads_and_feet_go_without_a_gap_and_what_may_be_text_stays(head, body, foot):
    parts = [
        [[line.format(n=n, piece=piece) for line in part] for part in (head, body, foot)]
        for n, piece in enumerate(PIECES, 1)
    ]
    read = read_pdf(make_pdf(*[[line for part in page for line in part] for page in parts]), "x")
    wanted = joined(["\n".join(page[1]) for page in parts])
    assert [section.text.split() for section in read.sections] == [text.split() for text in wanted]


def test_the_first_line_is_a_head_only_where_the_page_holds_more():
    assert (
        without_running_lines([[Line("Handbook", 50)], [Line("Handbook", 50), Line("b", 36)]] * 3)[1]
        == "Handbook\nb"
    )


@pytest.mark.parametrize("data", [b"no pdf", PDF[:200], PDF[:-60], PDF.replace(b"/Kids", b"/None")])
def test_a_broken_file_is_named(data):
    with pytest.raises(InputError, match=r"x.pdf: not a readable PDF"):
        read_pdf(data, "x.pdf")
