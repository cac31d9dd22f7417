"""Office files and books, made by the libraries that their readers do not use for it where there are such."""

import datetime

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import OxmlElement
from pocketrag.ingest.readers.document import Skip
from pocketrag.ingest.readers.from_office import CONVERTERS, OLD, read_office
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from pocketrag.errors import InputError
from tests.ingest.readers.office import make_epub, rewritten, saved


def shown(document):
    return [(section.page, section.headings, section.text.strip()) for section in document.sections]


@pytest.fixture
def letter():
    document = docx.Document()
    document.add_heading("Pump & lamp", 0)
    document.add_heading("Setup", 1)
    document.add_paragraph("Close the <valve>.")
    document.add_heading("Oil", 2)
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("second", style="List Bullet")
    return document


def test_docx_headings_lists_and_tables(letter):
    table = letter.add_table(3, 3)
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"r{row}c{column}"
    table.cell(2, 0).text = table.cell(0, 2).text = ""
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    letter.sections[0].header.paragraphs[0].text = "confidential"
    letter.sections[0].footer.paragraphs[0].text = "page 1"
    document = read_office(saved(letter), "a.docx")
    assert document.title == "Pump & lamp"
    assert shown(document) == [
        (None, ("Setup",), "Close the <valve>."),
        (None, ("Setup", "Oil"), "- first\n- second\n\n| r0c0 | r0c1 |  |\n| --- | --- | --- |\n"
         "| r1c0 | r1c1 | r1c2 |\n| r1c0 | r2c1 | r2c2 |"),
    ]  # fmt: skip


def test_docx_without_what_is_hidden_or_deleted_with_formulas(letter):
    run = letter.add_paragraph("seen ").add_run("hidden")
    run.font.hidden = True
    paragraph = letter.add_paragraph("now ")
    deleted, text = OxmlElement("w:del"), OxmlElement("w:delText")
    text.text = "gone"
    deleted.append(OxmlElement("w:r"))
    deleted[0].append(text)
    paragraph._p.append(deleted)
    for name in ("m:oMath", "m:oMathPara"):
        outer, inner = OxmlElement(name), OxmlElement("m:r")
        inner.append(OxmlElement("m:t"))
        inner[0].text = f"a={name[7:]}"
        if name == "m:oMath":
            outer.append(inner)
        else:
            outer.append(OxmlElement("m:oMath"))
            outer[0].append(inner)
        paragraph._p.append(outer)
    text = read_office(saved(letter), "a.docx").sections[-1].text
    assert "seen" in text and "now a=a=Para" in text and "hidden" not in text and "gone" not in text


def test_docx_is_called_as_its_properties_say_else_by_its_first_heading():
    letter = docx.Document()
    letter.add_heading("Setup", 1)
    letter.add_paragraph("text")
    letter.core_properties.title = "Word Document"
    assert read_office(saved(letter), "a.docx").title == "Setup"
    letter.core_properties.title = "Pump"
    assert read_office(saved(letter), "a.docx").title == "Pump"


def test_pptx_slides_are_pages():
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text, first.placeholders[1].text = "Pump", "Close the <valve>\nOil it"
    first.notes_slide.notes_text_frame.text = "say it twice"
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Prices"
    table = second.shapes.add_table(3, 2, Inches(1), Inches(1), Inches(5), Inches(2)).table
    for n, text in enumerate(("Part", "Price", "Lid", "3", "", "4")):
        table.cell(n // 2, n % 2).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    hidden = deck.slides.add_slide(deck.slide_layouts[6])
    hidden.shapes.add_textbox(0, 0, Inches(3), Inches(1)).text_frame.text = "not shown"
    hidden._element.set("show", "0")
    last = deck.slides.add_slide(deck.slide_layouts[6])
    last.shapes.add_textbox(0, Inches(3), Inches(3), Inches(1)).text_frame.text = "# below"
    last.shapes.add_textbox(0, Inches(1), Inches(3), Inches(1)).text_frame.text = "above"
    chart = CategoryChartData()
    chart.categories = ["2024", "2025"]
    chart.add_series("sold", (1, 2))
    last.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, Inches(4), Inches(3), Inches(3), chart)
    document = read_office(saved(deck), "a.pptx")
    assert document.title == "Pump"
    assert shown(document) == [
        (1, ("Pump",), "Close the <valve>\n\nOil it\n\nsay it twice"),
        (2, ("Prices",), "| Part | Price |\n| --- | --- |\n| Lid | 3 |\n| Lid | 4 |"),
        (4, (), "above\n\n# below\n\n|  | sold |\n| --- | --- |\n| 2024 | 1.0 |\n| 2025 | 2.0 |"),
    ]


def test_pptx_is_called_as_its_properties_say():
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "First"
    assert read_office(saved(deck), "a.pptx").title == "First"
    deck.core_properties.title = "Chess Handbook"
    assert read_office(saved(deck), "a.pptx").title == "Chess Handbook"


def test_docx_exponents_stay_apart():
    letter = docx.Document()
    paragraph = letter.add_paragraph("10")
    paragraph.add_run("6").font.superscript = True
    paragraph.add_run(" and H")
    paragraph.add_run("2").font.subscript = True
    assert read_office(saved(letter), "a.docx").sections[0].text.strip() == "10^6 and H2"


def test_xlsx_numbers_are_what_the_sheet_shows():
    book = openpyxl.Workbook()
    for value, form in (
        (7, "00000"),
        (12345678901234567, "General"),
        (datetime.timedelta(hours=30), "[h]:mm"),
        (3.14159, "0.00"),
    ):
        book.active.append([value, "x"])
        book.active.cell(book.active.max_row, 1).number_format = form
    text = read_office(saved(book), "a.xlsx").sections[0].text
    assert [line.split("|")[1].strip() for line in text.strip().splitlines() if "---" not in line] == [
        *("00007", "12345678901234570", "30:00", "3.14")
    ]


def test_xlsx_sheets_are_headings_and_their_blocks_tables():
    book = openpyxl.Workbook()
    prices = book.active
    prices.title = "Prices"
    for row in (["All in EUR"], [], ["Part", "Price", "Since", "Tax"], ["Lid", 3, datetime.date(2024, 1, 2), 0.19], [None, 0.1 + 0.2, True, None]):  # fmt: skip
        prices.append(row)
    prices["D4"].number_format = "0%"
    prices.merge_cells("A4:A5")
    stock = book.create_sheet("Stock")
    for row in ([], ["", "Where", "n", "secret"], ["", "shelf <1>", 1.0, "x"], ["", "folded", 2, "x"]):
        stock.append(row)
    stock.column_dimensions["D"].hidden = stock.row_dimensions[4].hidden = True
    book.create_sheet("Empty")
    hidden = book.create_sheet("Hidden")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    document = read_office(saved(book), "dir/price list.xlsx")
    assert document.title == "price list"
    assert shown(document) == [
        (None, ("Prices",), "All in EUR\n\n| Part | Price | Since | Tax |\n| --- | --- | --- | --- |\n"
         "| Lid | 3 | 2024-01-02 | 19% |\n| Lid | 0.3 | TRUE |  |"),
        (None, ("Stock",), "| Where | n |\n| --- | --- |\n| shelf <1> | 1 |"),
    ]  # fmt: skip


CHAPTERS = {
    "nav.xhtml": "<nav><ol><li>Contents</li></ol></nav>",
    "one%20a.xhtml": '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
    "<body><h1>One</h1><p>first &amp; <em>last</em></p><p hidden=''>no</p></body></html>",
    "two.xhtml": "<html><body><section><h1>Two</h1><h2>Deep</h2><p>second</p></section></body></html>",
}


def test_epub_chapters_in_reading_order():
    document = read_office(make_epub(CHAPTERS), "a.epub")
    assert document.title == "Pump book"
    assert shown(document) == [
        (None, ("One",), "first & last"),
        (None, ("Two", "Deep"), "second"),
    ]


def test_an_encrypted_book_is_named():
    locked = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#">'
        '<enc:EncryptedData><enc:CipherData><enc:CipherReference URI="OEBPS/{}"/></enc:CipherData></enc:EncryptedData></encryption>'
    )
    book = make_epub(CHAPTERS, extra={"META-INF/encryption.xml": locked.format("two.xhtml")})
    with pytest.raises(InputError, match=r"a.epub: encrypted"):
        read_office(book, "a.epub")
    fonts = make_epub(CHAPTERS, extra={"META-INF/encryption.xml": locked.format("font.otf")})
    assert read_office(fonts, "a.epub").sections


#: An archive holds the time at which it was made: its bytes are no name that all workers agree on.
BROKEN = ["head", "html", "zeros", "half an archive"]


@pytest.mark.parametrize("suffix", CONVERTERS)
@pytest.mark.parametrize("data", [b"PK\x03\x04", b"<html>", b"\0" * 100, make_epub({})[:300]], ids=BROKEN)
def test_broken_files_are_named(suffix, data):
    with pytest.raises(InputError, match=rf"dir/a\{suffix}: not a readable {suffix[1:].upper()} "):
        read_office(data, f"dir/a{suffix}")


@pytest.mark.parametrize("suffix", CONVERTERS)
def test_encrypted_empty_and_misnamed_files(suffix, letter):
    with pytest.raises(InputError, match="encrypted, or no"):
        read_office(OLD + b"\0" * 500, f"a{suffix}")
    with pytest.raises(Skip, match="empty"):
        read_office(b"", f"a{suffix}")
    other = make_epub(CHAPTERS) if suffix != ".epub" else saved(letter)
    with pytest.raises(InputError, match="not a readable"):
        read_office(other, f"a{suffix}")


def test_a_damaged_part_is_named(letter):
    damaged = rewritten(saved(letter), "word/document.xml", lambda content: content[: len(content) // 2])
    with pytest.raises(InputError, match="not a readable DOCX"):
        read_office(damaged, "a.docx")
    missing = rewritten(
        make_epub(CHAPTERS), "OEBPS/book.opf", lambda content: content.replace(b"two.", b"three.")
    )
    with pytest.raises(InputError, match=r"three.xhtml is missing"):
        read_office(missing, "a.epub")


def test_xlsx_hidden_ranges_go_and_far_cells_cost_nothing():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["seen", "kept", "hidden one", "hidden two", "last"])
    sheet.append(["a", "b", "c", "d", "e"])
    sheet.column_dimensions.group("C", "D", outline_level=0, hidden=True)
    sheet["XFD1048576"] = "far away"
    text = "".join(section.text for section in read_office(saved(book), "a.xlsx").sections)
    assert "hidden" not in text and "far away" in text
    assert "| seen | kept | last |" in text


def test_xlsx_formulas_without_a_saved_value_are_named_where_they_are_shown():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Part", "Total", "Net", "Hidden"],
        ["Lid", "=1+1", "=2+2", "=3+3"],
        ["Rod", "=1+2", "=4+4", "=5+5"],
    ):
        sheet.append(row)
    sheet.column_dimensions["D"].hidden = sheet.row_dimensions[3].hidden = True
    other = book.create_sheet("Other")
    other["A1"] = "=1"
    other.sheet_state = "hidden"

    def saved_once(content):
        return content.replace(
            b'<c r="B2"><f>1+1</f><v></v>', b'<c r="B2" t="str"><f>1+1</f><v></v>'
        ).replace(b"<f>1+2</f><v></v>", b"<f>1+2</f><v>3</v>")

    data = rewritten(saved(book), "xl/worksheets/sheet1.xml", saved_once)
    (said,) = read_office(data, "a.xlsx").missing
    assert said.startswith("sheet 'Sheet', column C: formulas without a saved value (1, ")
    assert read_office(saved(openpyxl.Workbook()), "a.xlsx").missing == ()


def chapter(body, before=""):
    page = f'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>{body}</body></html>'
    found = read_office(make_epub({"one.xhtml": before + page}), "a.epub").sections
    return "\n".join(section.text.strip() for section in found)


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("<p>see <![CDATA[a < b]]>.</p>", "see a < b."),
        ("<p>a<br/>b <i/>c &mdash; d</p>", "a  \nb c — d"),
        ("<p>text</p><footer><p>1 A note.</p></footer>", "text\n\n1 A note."),
        ("<header><p>Part one</p></header><nav><p>see also the lamp</p></nav><p>text</p>", "Part one\n\nsee also the lamp\n\ntext"),
        ("<nav epub:type='toc'><ol><li>One</li></ol></nav><nav epub:type='page-list'><p>7</p></nav><p>text</p>", "text"),
        ("<p>unclosed <b>tag</p>", "unclosed tag"),
    ],
)  # fmt: skip
def test_epub_chapters_are_read_as_a_reader_sees_them(body, seen):
    assert chapter(body) == seen


def test_epub_entities_are_filled_in_within_limits():
    own = '<!DOCTYPE html [<!ENTITY prod "Pump 3000"><!ENTITY full "&prod; X">]>'
    assert chapter("<p>The &full; here</p>", own) == "The Pump 3000 X here"
    outside = '<!DOCTYPE html [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    assert chapter("<p>a &secret; b</p>", outside) == "a &secret; b"
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    assert len(chapter("<p>a &l11; b</p>", f'<!DOCTYPE html [<!ENTITY l0 "ha">{laughs}]>')) < 100


def test_pptx_shapes_in_two_forms_and_formulas_are_read():
    deck = pptx.Presentation()
    box = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(0, 0, Inches(3), Inches(1))
    box.text_frame.text = "half is "

    def newer(content):
        names = (
            b' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
            b' xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"'
            b' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
        )
        fraction = b"<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
        formula = b"<a14:m><m:oMathPara><m:oMath>" + fraction + b"</m:oMath></m:oMathPara></a14:m></a:p>"
        content = content.replace(
            b"<p:sp>", b"<mc:AlternateContent" + names + b'><mc:Choice Requires="a14"><p:sp>'
        )
        content = content.replace(b"</p:sp>", b"</p:sp></mc:Choice><mc:Fallback/></mc:AlternateContent>")
        return content.replace(b"</a:p>", formula)

    data = rewritten(saved(deck), "ppt/slides/slide1.xml", newer)
    assert shown(read_office(data, "a.pptx")) == [(1, (), "half is 1/2")]
