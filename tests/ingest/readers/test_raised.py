"""Exponents stay numbers of their own, in HTML, in Markdown and in its headings."""

import pytest
from pocketrag.ingest.readers.from_html import read_html
from pocketrag.ingest.readers.from_markdown import read_markdown


@pytest.mark.parametrize("kind", ["html", "markdown", "heading"])
@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("10<sup>6</sup> atoms", "10^6 atoms"),
        ("2<sup>10</sup>=1024", "2^10=1024"),
        ("10<sup>−3</sup> and 2<SUP>n+1</SUP>", "10^−3 and 2^(n+1)"),
        ("5 m<sup>2</sup>, 3 cm<sup>3</sup>", "5 m^2, 3 cm^3"),
        ("<i>x</i><sup>2</sup>", "x^2"),
        ("(a+b)<sup>2</sup>", "(a+b)^2"),
        ("H<sub>2</sub>O, CO<sub>2</sub>", "H2O, CO2"),
        ("101<sub>2</sub> is 5", "101_2 is 5"),
        ("Art. 5<sup>bis</sup>, the 1<sup>st</sup>", "Art. 5bis, the 1st"),
        ("a note<sup>1</sup> here", "a note 1 here"),
        ("<sup>14</sup>C", "14C"),
    ],
)
def test_what_stands_above_or_below_the_line(kind, text, seen):
    if kind == "html":
        (section,) = read_html(f"<p>{text}</p>".encode(), "x").sections
        found = section.text.strip()
    elif kind == "markdown":
        (section,) = read_markdown(text.encode(), "x").sections
        found = section.text.strip()
    else:
        (section,) = read_markdown(f"# {text}\n\nb\n".encode(), "x").sections
        (found,) = section.headings
    assert found.replace("*", "") == seen


def test_a_link_above_the_line_is_a_note():
    (section,) = read_html(b'<p>In 1999<sup><a href="#n3">[3]</a></sup> it won.</p>', "x").sections
    assert section.text.strip() == "In 1999 [3] it won."
    (section,) = read_markdown(b"In 1999<sup>[3](#n3)</sup> it won.", "x").sections
    assert section.text.strip() == "In 1999 3 it won."
