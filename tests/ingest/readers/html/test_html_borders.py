"""No words are glued where a browser shows that they are two."""

import pytest
from pocketrag.ingest.readers.from_html import read_html
from pocketrag.ingest.readers.from_markdown import read_markdown


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<details><summary>More</summary>Click text</details><aside>ASIDE</aside>tail", "More Click text ASIDE tail"),
        ("a<select><option>Opt A<option>Opt B</select><button>B1</button><button>B2</button>", "a Opt A Opt B B1 B2"),
        ("<svg><text>one</text><text>two</text></svg>after", "one two after"),
        ("x<math><mi>a</mi><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac><mtext>or</mtext><msup><mi>b</mi><mn>2</mn></msup></math>y", "x a=1/2 or b^2 y"),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac></math>", "(a+b)/2"),
        ("before<img alt='A cat'>after<img alt=''>wards", "before A cat afterwards"),
        ("<form>Name<textarea>text</textarea>end</form><fieldset><legend>L</legend>f</fieldset>", "Name text end L f"),
        ("<address>a</address>b<main>c</main>d<figure>e<figcaption>f</figcaption></figure>g<center>h</center>i", "a b c d e f g h i"),
        ("<b>one</b><i>word</i>", "oneword"),
    ],
)  # fmt: skip
def test_blocks_and_boxes_are_words_of_their_own(html, words):
    (section,) = read_html(html.encode(), "x").sections
    assert section.text.split() == words.split()


def test_in_a_line_of_markdown_too():
    (section,) = read_markdown(
        b"one<br>two<button>three</button>four <b>fi</b>ve<img alt=six>seven", "x"
    ).sections
    assert section.text.split() == ["one", "two", "three", "four", "five", "six", "seven"]
