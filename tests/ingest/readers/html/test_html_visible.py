"""What a reader of a page sees stays, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pocketrag.ingest.readers.from_html import read_html

STYLE = """<style>.gone, p.off {display: none} .faint {visibility:hidden} .tip {display:none} .tip.open {display: block}
@media print {.screen {display: none}} @media screen {.paper {display: none}} .x::before {content: "no"; display:none}
a:hover {display: none} @font-face {font-family: x}</style>"""
SEEN = [
    *("<p>{}</p>", "<p>{}", "<div>{}</div>", "<div><div>{}</div></div>", "<ul><li>a<li>{}</ul>", "<p><b>{}</b></p>"),
    *("<table><tr><th>k<th>v<tr><td>1<td>{}</table>", "<blockquote>{}</blockquote>", "<pre>{}</pre>"),
    *("<details><summary>more</summary><p>{}</p></details>", "<dl><dt>t<dd>{}</dl>", "<h2>{}</h2><p>below</p>"),
    *("<section id='cookie-notice'><h2>Cookies</h2><p>{}</p></section>", "<aside>{}</aside>", "<figure>{}</figure>"),
    *("<div role='tabpanel' hidden>{}</div>", "<div class='tab-pane' style='display:none'>{}</div>"),
    *("<button aria-controls='a1'>q</button><div id='a1' hidden>{}</div>", "<p hidden='until-found'>{}</p>"),
    *("<p class='screen'>{}</p>", "<p class='tip open'>{}</p>", "<p class='x'>{}</p>", "<p class=gone style='display:block'>{}</p>"),
    *("<article><header><p>{}</p></header></article>", "<article><footer>{}</footer></article>", "<p class='cookies'>{}</p>"),
    *("<svg><text>{}</text></svg>", "<img alt='{}' src='data:image/png;base64,AAAA'>", "<a href='u'>{}</a>", "<a href='#x'>{}</a>"),
    *("<form><label>{}<input></label></form>", "<center><font>{}</font></center>", "<p>&lt;{}&gt; &amp;", "<footer><ol class='footnotes'><li>{}</ol></footer>"),
]  # fmt: skip
UNSEEN = [
    *("<p hidden>{}</p>", "<div aria-hidden='true'>{}</div>", "<p style='color:red;display:none'>{}</p>", "<template>{}</template>"),
    *("<p style='DISPLAY : none !important'>{}</p>", "<noscript><p>{}</p></noscript>", "<script>var a = '{}'</script>", "<!-- {} -->"),
    *("<style>.{} {{}}</style>", "<p class=gone>{}</p>", "<p class='a off'>{}</p>", "<div class=faint><p>{}</p></div>", "<p class=tip>{}</p>"),
    *("<p class=paper>{}</p>", "<nav><ul><li>{}</ul></nav>", "<div role='navigation'>{}</div>", "<div role='banner'>{}</div>"),
    *("<header><div>{}</div></header>", "<footer><p>{}</p></footer>", "<div role=contentinfo>{}</div>", "<dialog>{}</dialog>"),
    *("<div class='cookie-banner'>{} <button>OK</button></div>", "<div id='onetrust-consent-sdk'><p>{}</p><button>Accept</button></div>"),
    *("<aside class='gdpr_notice'>{}<input type=submit></aside>", "<section class='CookieConsent'><h2>Privacy</h2>{}<a class=btn>ok</a></section>"),
    *("<div class='announcement-bar'>{}</div>", "<div id=banner>{}</div>", "<span class='sr-only'>{}</span>", "<?php echo '{}' ?>"),
    *("<iframe>{}</iframe>", "<video>{}</video>", "<svg><desc>{}</desc></svg>", "<input type=hidden value={}>", "<a href='https://example.org/{}'>a</a>"),
    *("<ol class='breadcrumb'><li>{}</ol>", "<p title='{}'>a</p>", "<datalist><option>{}</datalist>"),
]  # fmt: skip
WORDS = st.integers(0, 10**6).map(lambda n: f"w{n}z")


@given(parts=st.lists(st.tuples(st.sampled_from([*SEEN, *UNSEEN]), WORDS), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_what_is_seen_stays_in_order_and_nothing_else(parts):
    parts = [(html, word) for n, (html, word) in enumerate(parts) if word not in [w for _, w in parts[:n]]]
    page = f"<!doctype html><title>t</title>{STYLE}<body>" + "".join(
        html.format(word) for html, word in parts
    )
    document = read_html(page.encode(), "x.html")
    text = "\n".join("\n".join((*section.headings[-1:], section.text)) for section in document.sections)
    seen = [word for html, word in parts if html in SEEN]
    assert [word for word in seen if word not in text] == []
    assert sorted(seen, key=text.index) == seen
    assert [word for html, word in parts if html in UNSEEN and word in text] == []


@pytest.mark.parametrize("html", [*SEEN, *UNSEEN])
def test_each_alone(html):
    page = f"{STYLE}<main><p>first</p>{html.format('word7')}<p>last</p></main>"
    if html.startswith(("<header", "<footer", "<div class='announcement", "<div id=banner")):
        page = page.replace("<main>", "").replace("</main>", "")
    document = read_html(page.encode(), "x.html")
    text = "\n".join("\n".join((*section.headings, section.text)) for section in document.sections)
    assert ("word7" in text) == (html in SEEN) and "first" in text and "last" in text


def test_marks_of_places_and_links_past_the_menu_go():
    page = "<a href='#main'>Skip to main content</a><h1>Pump <a href='#pump'>¶</a></h1><h2><a href='#x'>Oil</a></h2><p>text</p>"
    (section,) = read_html(page.encode(), "x").sections
    assert section.headings == ("Pump", "Oil") and section.text.strip() == "text"


def test_a_page_saved_below_a_window_stays():
    (section,) = read_html(
        b"<div aria-hidden=true><main><p>text</p></main></div><dialog open>Hello</dialog>", "x"
    ).sections
    assert section.text.split() == ["text", "Hello"]


def test_the_head_of_a_text_is_kept():
    (section,) = read_html(
        b"<header><nav>Menu</nav><h1>Pump</h1><p>By Ann</p></header><p>text</p>", "x"
    ).sections
    assert section.headings == ("Pump",) and section.text.split() == ["By", "Ann", "text"]


def test_characters_are_those_that_a_reader_sees():
    (section,) = read_html(
        "<p>ca&shy;fé&nbsp;&euro;&#8364; &#x41; &amp;lt; a\u00adb</p>".encode(), "x"
    ).sections
    assert section.text.strip() == "café €€ A &lt; ab"
