from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.ingest.from_markdown import read_markdown, split

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
    text = text.replace("\r", "\n").replace("\0", "")
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
        ("a  \nb\\\nc\nd", "a  \nb\\\nc d"),
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
        "See the *manual* and the pump. Café <b> `[a](b) &amp;` <name> \\[kept] bold[^1] | a | b | |---|---| "
        "| x | &lt; | [^1]: a footnote ``` [ref]: https://example.org <!-- code --> ```"
    )
