import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.ingest.readers.from_markdown import read_markdown, split

WORDS = st.lists(
    st.sampled_from(["king", "Élan", "9.3", "日本", "a_b", "to-day", "x*"]), min_size=1, max_size=5
).map(" ".join)
#: (level of a heading or 0, what stands in the file)
BLOCKS = st.one_of(
    st.tuples(st.integers(1, 6), WORDS),
    WORDS.map(lambda w: (0, w)),
    st.lists(WORDS, min_size=2, max_size=3).map(lambda ws: (0, "\n".join(ws))),
    WORDS.map(lambda w: (0, f"```\n# {w}\n\n{w}\n```")),
    WORDS.map(lambda w: (0, f"- {w}\n- # {w}\n\n  {w}")),
    WORDS.map(lambda w: (0, f"> # {w}\n> {w}")),
    WORDS.map(lambda w: (0, f"| a | b |\n|---|---|\n| {w} | # |")),
    WORDS.map(lambda w: (0, f"<!-- {w} -->")),
)


def bare(text):
    return "".join(text.split())


@given(st.lists(BLOCKS, max_size=12))
def test_headings_cut_and_nothing_else_does(blocks):
    text = "\n\n".join(f"{'#' * level} {words}" if level else words for level, words in blocks)
    wanted = [[0, "", ""]]
    for level, words in blocks:
        if level:
            wanted.append([level, words, ""])
        else:
            wanted[-1][2] += "" if words.startswith("<!--") else bare(words)  # no reader sees a comment
    assert [[p.level, p.heading, bare(p.text)] for p in split(text)] == wanted


@given(st.text(alphabet="#=->*`~+|ab1éÉ \n\t_.!"))
def test_no_letter_is_lost_or_invented(text):
    parts = split(text)
    found = Counter(c for p in parts for c in p.heading + p.text if c.isalnum())
    assert found == Counter(c for c in text if c.isalnum())


@given(st.text())
def test_what_is_below_headings_stands_in_the_file_in_that_order(text):
    text = re.sub("[⁰-⁾¹²³\uf000-\uf0ff]", "", text.replace("\r", "\n").replace("\0", ""))  # are spelled anew
    rest = iter(bare(text))
    assert all(character in rest for part in split(text) for character in bare(part.text))


def test_the_kinds_of_heading():
    document = read_markdown(
        b"# One `c` [l](u) <kbd>K</kbd> ![i](s) <name> &amp;\na\n\nTwo\nlines\n===\nb\n\nThree\n---\n\n    # code\n",
        "x",
    )
    assert [s.headings for s in document.sections] == [
        ("One c l K i <name> &",),
        ("Two lines",),
        ("Two lines", "Three"),
    ]
    assert document.title == "One c l K i <name> &"


def test_the_settings_of_a_site_generator_are_no_text():
    document = read_markdown(b'---\nlayout: page\ntitle: "Rules: all"\n---\nfirst\n', "x")
    assert document.title == "Rules: all" and [s.text.strip() for s in document.sections] == ["first"]
    (kept,) = read_markdown(b"---\nA line.\n\n---\nfirst\n", "x").sections
    assert "A line." in kept.text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The clock\nstops.\nIt rings.", "The clock stops. It rings."),
        ("a  \nb\\\nc\nd", "a  \nb  \nc d"),
        ("- a\n- b", "- a\n- b"),
        ("```\na\nb\n```", "```\na\nb\n```"),
    ],
)
def test_a_paragraph_is_one_line_but_for_its_hard_breaks(text, wanted):
    assert split(text)[0].text.strip() == wanted


def test_readers_see_no_comments_targets_data_or_settings():
    text = """+++
title = "Pump guide"
+++
See [the *manual*](https://example.org/a(b)?q=1 "t") and ![the pump](data:image/png;base64,AAAA).
%% private %% <!-- note
over lines --> Caf&eacute; &lt;b&gt; `[a](b) &amp;` <name> \\[kept] <b>bold</b>[^1]

<script>
alert(1)
</script>

| a | b |
|---|---|
| [x](y) | &amp;lt; |

[ref]: https://example.org "r"
[//]: # (reviewer)
[^1]: a footnote

```
[ref]: https://example.org
<!-- code -->
```
"""
    document = read_markdown(text.encode(), "x")
    (section,) = document.sections
    assert document.title == "Pump guide"
    assert " ".join(section.text.split()) == (
        "See the *manual* and the pump. Café <b> `[a](b) &amp;` <name> [kept] bold[^1] | a | b | |---|---| "
        "| x | &lt; | [^1]: a footnote ``` [ref]: https://example.org <!-- code --> ```"
    )


BASE64 = "iVBORw0KGgo" * 900


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"a ![the pump](data:image/png;base64,{BASE64}) b", "a the pump b"),
        (f"[sketch][s]\n\n[s]: data:image/svg+xml;base64,{BASE64}", "sketch"),
        (f"<img src='data:image/png;base64,{BASE64}' alt='lamp'>\n\nb", "lamp b"),
        (f"<img\n src=data:image/png;base64,{BASE64}\n alt=lamp>", "lamp"),
        (f"as data:image/png;base64,{BASE64} here", "as data:image/png;base64,… here"),
        (f"```\ndata:font/woff2;base64,{BASE64}\n```", "``` data:font/woff2;base64,… ```"),
        ("as data:image/svg+xml,%3Csvg%20" + "a" * 99 + " here", "as data:image/svg+xml,… here"),
        ("<div style='background:url(data:x/y;base64,AAAA)'>in</div>", "in"),
        ("short data:text/plain,hello stays", "short data:text/plain,hello stays"),
        ("<svg viewBox='0 0 1 1'><path d='M0 0'/><text>label</text></svg> b", "label b"),
        ("a\n\n<!-- one\n\n# two\n-->\n\nb <!-- c --> d", "a b d"),
        ("[//]: # (secret)\n\n[comment]: <> (secret)\n\n[//]: # \"secret\"\n\na\n[//]: # (secret)\nb", "a b"),
        ("[a]: <https://x.org/> 'long\ntitle'\n\n[b]:\n  https://y.org\n  \"t\"\n\n[c][a] [b] [d][] ![e][b]", "c b [d][] e"),
        ('[a](b "x)y") [c](<u v>) [![d](e.png)](f) [g](h(i)) x[0](j) [k l]', "a c d g x[0](j) [k l]"),
        ("<https://x.org/a?b=c> <mailto:a@b.org> <c@d.org> <name>", "https://x.org/a?b=c a@b.org c@d.org <name>"),
        ("<?xml version='1.0'?>\n\na <?php echo 1 ?> b", "a b"),
        ("<!DOCTYPE html>\n\na <![CDATA[x]]> b", "a b"),
        ("a\n\n---\n\n***\n\nb", "a b"),
        ("%% secret %%\n\na %%secret%% b 50%% off and 20%% more", "a b 50%% off and 20%% more"),
        ("<div hidden>\n\n# secret\n\nsecret\n\n</div>\n\na", "a"),
        ("<p style='display: none'>secret</p>\n\na <span hidden>secret</span>b <b aria-hidden='true'>secret</b>", "a b"),
        ("<details><summary>More</summary>\n\nin\n\n</details>", "More in"),
        ("<script>\n\nvar secret\n\n</script>\n\na <style>secret</style>b", "a b"),
        ("<table>\n<tr><td rowspan=2>Lid<td>3\n<tr><td>4\n</table>", "| Lid | 3 | | --- | --- | | Lid | 4 |"),
        ("<p>a</p><p>b</p><p>c</p>\n\nd", "a b c d"),
        ("5 \\< 6, a\\*b, C:\\dir `\\*` &lt;b&gt; &NewLine;x", "5 < 6, a*b, C:\\dir `\\*` <b> x"),
        ("<div hidden>\n\n<div>\n\nsecret\n\n</div>\n\nsecret\n\n</div>\n\na", "a"),
        ("<div hidden>\n<div>secret</div>\n\nsecret\n\n<div>\nsecret</div>\n\nsecret\n\n</div>\n\na", "a"),
        ("<div hidden><div>secret</div>secret</div>\n\na <b hidden>x<b>y<b>z</b></b>w</b>b", "a b"),
        ("<div hidden>\n\nsecret\n\n</div>\n\na\n\n<div>\n\nb\n\n</div>", "a b"),
        ("a <img hidden alt=x> b", "a x b"),
        ("a <!-- b\n\nc", "a <!-- b c"),
        ("a <!--> b <!---> c <!-- d --> e", "a b c e"),
        ("a\n\n<!-- secret\n\n# secret\n\nsecret", "a"),
        ("ポンプの\n点検**表**\nです\n\n- ポンプの\n  点検\n\n> ปั๊ม\n> น้ำ\n\n펌프\n점검 点検\nA", "ポンプの点検**表**です - ポンプの点検 > ปั๊มน้ำ 펌프 점검 点検 A"),
        ("<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>を", "漢字(かんじ)を"),
        ("Der Satz¹ mit 10⁶ m² `10⁶`\n\n\uf0b7 one\n\uf0b7 two", "Der Satz ¹ mit 10^6 m² `10⁶` - one - two"),
        ("[TOC]\n\n[[_TOC_]]\n\na\n{: .note #x}\n\nb", "a b"),
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_kinds_of_what_no_reader_sees(text, seen):
    (section,) = read_markdown(text.encode(), "x.md").sections
    assert " ".join(section.text.split()) == seen


def test_headings_are_without_what_programs_read():
    document = read_markdown(
        b"# [Pump](https://x) <!-- c --> {#id .x}\n\na\n\n## `if` {x} &amp; *y*\n\nb\n", "x"
    )
    assert [s.headings for s in document.sections] == [("Pump",), ("Pump", "if {x} & y")]
    document = read_markdown(
        "# Satz¹\n\na\n\n# <ruby>漢字<rt>かんじ</rt></ruby>\n\nポンプの\n点検\n---\n\nb".encode(), "x"
    )
    assert [s.headings for s in document.sections] == [("Satz ¹",), ("漢字(かんじ)", "ポンプの点検")]


def test_blank_lines_do_not_pile_up_where_something_went():
    document = read_markdown(b"a\n\n<!-- c -->\n\n<!-- d -->\n\nb\n\n```\nx\n\n\n\ny\n```\n", "x")
    assert document.sections[0].text == "a\n\nb\n\n```\nx\n\n\n\ny\n```\n"
