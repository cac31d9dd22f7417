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
