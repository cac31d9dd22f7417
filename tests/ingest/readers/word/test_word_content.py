"""What a Word file shows and mammoth passes over, and what it hides and mammoth reads."""

import docx
import pytest
from pocketrag.ingest.readers.from_office import read_office

from tests.ingest.readers.office import rewritten, saved

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def run(text, settings=""):
    return f'<w:r><w:rPr>{settings}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content, settings=""):
    return f"<w:p><w:pPr>{settings}</w:pPr>{content}</w:p>"


def read(body, styles="", numbering=None):
    """Return the headings and texts of a Word file with this body, these styles and these lists."""
    data = rewritten(
        saved(docx.Document()),
        "word/document.xml",
        lambda _: f"<w:document {NAMES}><w:body>{body}</w:body></w:document>".encode(),
    )
    data = rewritten(
        data,
        "word/styles.xml",
        lambda content: content.replace(b"</w:styles>", f"{styles}</w:styles>".encode()),
    )
    if numbering is not None:
        data = rewritten(
            data, "word/numbering.xml", lambda _: f"<w:numbering {NAMES}>{numbering}</w:numbering>".encode()
        )
    return [(section.headings, section.text.strip()) for section in read_office(data, "a.docx").sections]


def text_of(body, **more):
    ((_, text),) = read(body, **more)
    return text


RUBY = "<w:r><w:ruby><w:rubyPr/><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>"
BOX = (
    "<w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent>{}</w:txbxContent>"
    "</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing>"
)


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (RUBY.format(run("かんじ"), run("漢字")) + run("を読む"), "漢字(かんじ)を読む"),
        (f'{run("a ")}<w:bdo w:val="rtl">{run("inner")}</w:bdo>{run(" b")}', "a inner b"),
        (f'<w:dir w:val="rtl">{run("שלום")}</w:dir>{run(" b")}', "שלום b"),
        (
            f'{run("Figure ")}<w:fldSimple w:instr="SEQ">{run("7")}</w:fldSimple>{run(": pump")}',
            "Figure 7: pump",
        ),
        (f'{run("one")}<w:r><w:br w:type="page"/></w:r>{run("two")}', "one two"),
        (f"{run('one')}<w:r><w:cr/></w:r>{run('two')}", "one  \ntwo"),
        (f"<w:r>{BOX.format(paragraph(run('in the box')))}</w:r>{run('beside')}", "beside\n\nin the box"),
        (
            f"<w:r><mc:AlternateContent><mc:Choice>{BOX.format(paragraph(run('once')))}</mc:Choice>"
            f"</mc:AlternateContent></w:r>{run('beside')}",
            "beside\n\nonce",
        ),
        (
            f"<w:r><mc:AlternateContent><mc:Choice>{BOX.format(paragraph(run('once')))}</mc:Choice><mc:Fallback>"
            f"<w:pict><w:txbxContent>{paragraph(run('once'))}</w:txbxContent></w:pict></mc:Fallback>"
            f"</mc:AlternateContent></w:r>{run('beside')}",
            "beside\n\nonce",
        ),
    ],
)
def test_what_stands_in_wrappings_boxes_and_behind_breaks_is_read(content, seen):
    assert text_of(paragraph(content)) == seen


STYLES = (
    '<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Deeper"><w:name w:val="Deeper"/><w:basedOn w:val="Secret"/></w:style>'
    '<w:style w:type="character" w:styleId="Again"><w:name w:val="Again"/><w:basedOn w:val="Secret"/>'
    '<w:rPr><w:vanish w:val="0"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Note"><w:name w:val="Note"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Chapter"><w:name w:val="Chapter"/><w:basedOn w:val="Heading1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Own"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Contents"><w:name w:val="TOC Heading"/><w:basedOn w:val="Heading1"/>'
    '<w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Name"><w:name w:val="Our title"/><w:basedOn w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Round"><w:name w:val="Round"/><w:basedOn w:val="Round"/></w:style>'
)


def styled(text, style):
    return paragraph(run(text), f'<w:pStyle w:val="{style}"/>')


def test_text_that_a_style_hides_is_left_out():
    hidden = "".join(run(f"{name} ", f'<w:rStyle w:val="{name}"/>') for name in ("Secret", "Deeper", "Again"))
    kept = paragraph(run("shown", '<w:vanish w:val="0"/>') + run("gone"), '<w:pStyle w:val="Note"/>')
    text = text_of(paragraph(hidden) + styled("no", "Note") + kept, styles=STYLES)
    assert text == "Again\n\nshown"


def test_hidden_rows_are_left_out():
    row = "<w:tr><w:trPr>{}</w:trPr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>"
    cells = (paragraph(run("a")), paragraph(run("b")))
    hidden = row.format("<w:hidden/>", paragraph(run("secret")), paragraph(run("price")))
    table = f"<w:tbl>{row.format('', *cells)}{hidden}{row.format('', *cells)}</w:tbl>"
    assert text_of(table) == "| a | b |\n| --- | --- |\n| a | b |"


def test_headings_are_what_the_styles_make_headings():
    found = read(
        styled("Manual", "Name") + styled("Contents", "Contents") + styled("Pump", "Chapter") + styled("Oil", "Own")
        + paragraph(run("Deep"), '<w:outlineLvl w:val="2"/>') + styled("text", "Round"),
        styles=STYLES,
    )  # fmt: skip
    assert found == [((), "Contents"), (("Pump", "Oil", "Deep"), "text")]


def level(number, kind, text, more=""):
    return f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


LISTS = (
    f'<w:abstractNum w:abstractNumId="1">{level(0, "decimal", "%1.")}{level(1, "lowerLetter", "%2)")}</w:abstractNum>'
    f'<w:abstractNum w:abstractNumId="2">'
    f"{level(0, 'decimal', 'Part %1')}"
    f"{level(1, 'upperRoman', '%1.%2', '<w:isLgl/>')}{level(3, 'none', '')}</w:abstractNum>"
    '<w:num w:numId="5"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="6"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>'
    '<w:num w:numId="8"><w:abstractNumId w:val="2"/></w:num>'
)


def item(text, list_, at=0, more=""):
    return paragraph(run(text), f'{more}<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{list_}"/></w:numPr>')


def test_numbers_of_lists_go_on_behind_a_paragraph():
    body = (
        item("one", 5) + item("two", 5) + item("deep", 5, 1) + item("er", 5, 1) + paragraph(run("between"))
        + item("three", 5) + item("anew", 5, 1) + item("seven", 6) + item("eight", 6)
    )  # fmt: skip
    assert text_of(body, numbering=LISTS) == (
        "1. one\n2. two\n   a) deep\n   b) er\n\nbetween\n\n3. three\n   a) anew\n7. seven\n8. eight"
    )


def test_numbers_of_headings_stand_before_them():
    styles = (
        '<w:style w:type="paragraph" w:styleId="N1"><w:name w:val="N1"/><w:basedOn w:val="Heading1"/>'
        '<w:pPr><w:numPr><w:numId w:val="8"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="N2"><w:name w:val="N2"/><w:basedOn w:val="Heading2"/>'
        '<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="8"/></w:numPr></w:pPr></w:style>'
    )
    plain = paragraph(run("Annex"), '<w:pStyle w:val="N1"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    body = (
        styled("Pump", "N1") + styled("Oil", "N2") + styled("Lid", "N2")
        + item("bare", 8, 3) + styled("Lamp", "N1") + styled("Bulb", "N2") + plain
    )  # fmt: skip
    assert read(body, styles=styles, numbering=LISTS) == [
        (("Part 1 Pump", "1.1 Oil"), "1.1 Oil"),
        (("Part 1 Pump", "1.2 Lid"), "bare"),
        (("Part 2 Lamp", "2.1 Bulb"), "2.1 Bulb"),
        (("Annex",), "Annex"),
    ]


def of(name, *parts):
    return f"<m:{name}>{''.join(parts)}</m:{name}>"


def said(text):
    return of("r", of("t", text))


@pytest.mark.parametrize(
    ("formula", "seen"),
    [
        (of("f", of("num", said("1")), of("den", said("2"))), "1/2"),
        (of("f", of("num", said("a+b")), of("den", said("2c"))), "(a+b)/2c"),
        (of("sSup", of("e", said("x")), of("sup", said("n+1"))), "x^(n+1)"),
        (of("sSub", of("e", said("x")), of("sub", said("1"))), "x1"),
        (of("sSub", of("e", said("101")), of("sub", said("2"))), "101_2"),
        (of("rad", of("deg"), of("e", said("a+b"))), "√(a+b)"),
        (of("d", of("e", of("f", of("num", said("1")), of("den", said("n"))))), "(1/n)"),
        (
            of("nary", '<m:naryPr><m:chr m:val="∑"/></m:naryPr>', of("sub", said("i=1")), of("sup", said("n")), of("e", said("i"))),
            "∑_(i=1)^n i",
        ),
        (of("m", of("mr", of("e", said("a")), of("e", said("b"))), of("mr", of("e", said("c")), of("e", said("d")))), "a, b; c, d"),
        (of("func", of("fName", said("sin")), of("e", said("x"))), "sin x"),
    ],
)  # fmt: skip
def test_formulas_are_lines_of_text(formula, seen):
    assert text_of(paragraph(run("is ") + of("oMath", formula) + run(" so"))) == f"is {seen} so"
    assert text_of(paragraph(of("oMathPara", of("oMath", formula)))) == seen
