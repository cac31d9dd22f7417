import pytest
from pocketrag.ingest.readers.document import Skip
from pocketrag.ingest.readers.from_html import read_html

from pocketrag.errors import InputError

PAGE = """<!doctype html><html><head><title>The
 rules</title><style>p {color: red}</style><script>alert("no")</script></head><body><nav>Menu</nav>
<header><h1>Top <em>of</em> A_b*c</h1></header><p>Hello <b>bold</b> <a href="u">link</a> # 1*2 _x_ <img src="data:;," alt="A cat"></p>
<h2>Sub<a class="headerlink" href="#x">¶</a></h2>
<table><tr><th>Piece</th><th>Worth</th></tr><tr><td>rook</td><td><h3>about</h3>5</td></tr></table>
<h3>Deep</h3><ul><li>one<ul><li>two</li></ul></li></ul><pre><code>x = 1
# kept</code></pre><!-- comment --><h2>Last</h2></body></html>"""


def test_headings_become_the_path_and_the_rest_markdown():
    document = read_html(PAGE.encode(), "x")
    assert document.title == "The rules"
    assert [(s.headings, s.text.strip()) for s in document.sections] == [
        (("Top of A_b*c",), "Hello bold link # 1*2 _x_ A cat"),
        (("Top of A_b*c", "Sub"), "| Piece | Worth |\n| --- | --- |\n| rook | about 5 |"),
        (("Top of A_b*c", "Sub", "Deep"), "- one\n  - two\n\n```\nx = 1\n# kept\n```"),
        (("Top of A_b*c", "Last"), "Last"),
    ]


def test_a_table_without_a_heading_row_stays_readable():
    (section,) = read_html(
        b"<table><tr><td>king</td><td>1</td></tr><tr><td>queen</td><td>2</td></tr></table>", "x"
    ).sections
    assert section.text.strip() == "| king | 1 |\n| --- | --- |\n| queen | 2 |"


def test_without_a_title_the_first_heading_is_it():
    assert read_html(b"<p>a</p><h2>First</h2><p>b</p>", "x").title == "First"
    assert read_html(b"<script>1</script>", "x").sections == ()


def test_an_old_encoding_is_taken_as_declared():
    (section,) = read_html('<meta charset="iso-8859-1"><p>é</p>'.encode("latin-1"), "x").sections
    assert section.text.strip() == "é"
    (section,) = read_html('<meta charset="iso-8859-1"><p>é</p>'.encode(), "x").sections
    assert section.text.strip() == "é"


@pytest.mark.parametrize(
    "head", ["", '<meta charset="utf-8">', '<meta charset="none-such">', '<meta charset="hex">']
)
def test_bytes_in_no_encoding_are_refused(head):
    with pytest.raises(InputError, match=f"x.html: not UTF-8 .byte {len(head) + 4}"):
        read_html(f"{head}<p>".encode() + b"\xe9</p>", "x.html")


def test_tags_without_end_are_skipped():
    with pytest.raises(Skip, match="nested too deeply"):
        read_html(b"<div>" * 5000 + b"x", "x")


def test_no_character_reference_brings_what_no_database_takes():
    (section,) = read_html(b"<p>a&#0;b&#xD800;c<img alt='&#0;&#xDC00;'></p>", "x").sections
    assert "\0" not in section.text and section.text.encode()


def seen(page, name="x.html"):
    return "\n".join(section.text.strip() for section in read_html(page.encode(), name).sections)


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<ol><li>a<li value=7>b<li>c</ol>", "1. a\n7. b\n8. c"),
        ("<ol reversed><li>a<li>b</ol>", "2. a\n1. b"),
        ("<ol reversed start=10><li>a<li>b</ol>", "10. a\n9. b"),
        ("<ol start=0><li>a<li>b</ol>", "0. a\n1. b"),
        ("<ol start=-1><li>a<li>b</ol>", "-1. a\n0. b"),
        ("<ol type=a start=26><li>a<li>b</ol>", "z. a\naa. b"),
        ("<ol type=I start=4><li>a</ol>", "IV. a"),
        ("<ol type=i><li>a<li type=A>b</ol>", "i. a\nB. b"),
        ('<ol style="list-style-type: upper-latin"><li>a</ol>', "A. a"),
        ("<ol start=9><li>a<p>more</p><ul><li>in</ul><li>b</ol>", "9. a\n\n   more\n\n   - in\n10. b"),
    ],
)
def test_numbers_of_lists_are_those_of_a_browser(page, wanted):
    assert seen(page) == wanted


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<ruby>漢字<rt>かんじ</rt></ruby>を", "漢字(かんじ)を"),
        (
            "<ruby>漢<rp>（</rp><rt>かん</rt><rp>）</rp>字<rp>（</rp><rt>じ</rt><rp>）</rp></ruby>",
            "漢字(かんじ)",
        ),
        ("<ruby>\n漢\n<rt>かん</rt>\n字\n<rt>じ</ruby>", "漢字(かんじ)"),
        ("<ruby>北<rt>běi</rt>京<rt>jīng</rt></ruby>", "北京(běi jīng)"),
        ("<ruby><rb>漢字</rb><rtc><rt>かんじ</rt></rtc></ruby>", "漢字(かんじ)"),
        ("<ruby>漢字<rt></rt></ruby>", "漢字"),
    ],
)
def test_a_reading_stands_behind_its_word(page, wanted):
    assert seen(f"<p>{page}</p>") == wanted


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("ポンプの\n  点検", "ポンプの点検"),
        ("ポンプの\n<b>点検</b>\n表", "ポンプの点検表"),
        ("ปั๊ม\nน้ำ", "ปั๊มน้ำ"),
        ("펌프\n점검", "펌프 점검"),
        ("pump\ncheck 点検\nA", "pump check 点検 A"),
        ("、\n点検", "、点検"),
        ("<i>点</i>\n<i>検</i>\n<i>A</i>\n<i>B</i>", "点検 A B"),
    ],
)
def test_a_line_end_in_a_script_without_spaces_is_none(page, wanted):
    assert seen(f"<p>{page}</p>") == wanted


def test_xhtml_is_read_as_xml():
    page = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html [<!ENTITY prod "Pump 3000">]>'
        '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title/></h:head><h:body><h:p>&prod;&nbsp;is '
        "<![CDATA[<b>&amp;]]> <h:a id='x'/>here</h:p></h:body></h:html>"
    )
    assert seen(page, "x.xhtml") == "Pump 3000 is <b>&amp; here"


def test_signs_are_spelled_but_in_code():
    page = "<p>Der <b>Satz</b>¹ mit <b>10</b>⁶ m²</p><p>\uf0b7 one</p><pre>10⁶</pre>"
    assert seen(page) == "Der Satz ¹ mit 10^6 m²\n\n- one\n\n```\n10⁶\n```"
