import pytest
from pocketrag.ingest.document import Skip
from pocketrag.ingest.from_pdf import joined, read_pdf

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
        (["well-\nknown"], "well-\nknown"),
        (["well-\nknown, well-known, wellknown"], "well-\nknown, well-known, wellknown"),
        (["soft\u00ad\nly soft\u00adly"], "soft ly softly"),
        (["1-\n2 12"], "1-\n2 12"),
    ],
)
def test_a_cut_word_is_joined_where_the_file_writes_it_whole(pages, wanted):
    assert joined(pages)[0] == wanted


def test_what_can_not_be_read_is_skipped_with_the_reason():
    with pytest.raises(Skip, match="scanned"):
        read_pdf(make_pdf([], []), "x")
    with pytest.raises(Skip, match="encrypted"):
        read_pdf(encrypted(PDF, "secret"), "x")
    assert len(read_pdf(encrypted(PDF, ""), "x").sections) == 2  # it only forbids printing


@pytest.mark.parametrize("data", [b"", b"no pdf", PDF[:200], PDF[:-60], PDF.replace(b"/Kids", b"/None")])
def test_a_broken_file_is_named(data):
    with pytest.raises(InputError, match=r"x.pdf: not a readable PDF"):
        read_pdf(data, "x.pdf")
