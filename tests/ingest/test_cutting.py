from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pocketrag.ingest.cutting import Ruler, passages
from pocketrag.ingest.readers.document import Document, Section, read_text
from pocketrag.ingest.readers.from_markdown import read_markdown

from pocketrag.errors import InputError
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import TokenizerSpec, load_tokenizer

GEMMA = Prompts(query="query: {question}", document="title: {title} | text: {text}", untitled="none")
SPEC = TokenizerSpec(kind="tokenizer.json", file="tokenizer.json")
TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                "king",
                "falls.",
                "🙂",
                "王将",
                "\n",
                "\n\n",
                "# flag",
                "- a",
                "| b | c |",
                "x" * 50,
                "```",
                "\u3000",
            ]
        ),
        max_size=60,
    ).map(" ".join),
)


@pytest.fixture(scope="module", params=["tiny_bert", "tiny_gemma"])
def tokenize(request):
    return load_tokenizer(request.getfixturevalue(request.param), SPEC)


def bare(text):
    return "".join(text.split())


@pytest.mark.parametrize("prompts", [Prompts(), GEMMA], ids=["plain", "gemma"])
@given(text=TEXTS, title=st.text(max_size=40), room=st.integers(16, 40), data=st.data())
@settings(max_examples=60)
def test_nothing_is_lost_invented_or_too_long(tokenize, prompts, text, title, room, data):
    least = len(tokenize(prompts.passage("", "")))
    overlap = data.draw(st.integers(0, room // 2 - 1))
    ruler = Ruler(tokenize, prompts, least + room, overlap)
    ruler.check()
    for document in (Document(title, (Section((), text),), markdown) for markdown in (True, False)):
        found = passages("a b.md", document, ruler)
        assert all(len(tokenize(prompts.passage(p.title, p.text))) <= least + room for p in found)
        assert all(p.text.strip() for p in found)
        if not overlap:
            assert bare("".join(p.text for p in found)) == bare(text)


@pytest.mark.parametrize("read", [read_text, read_markdown])
@given(text=TEXTS)
@settings(max_examples=60)
def test_the_passages_of_a_section_are_its_text(tokenize, read, text):
    document = read(text.replace("\0", "").encode(), "x")
    found = passages("x", document, Ruler(tokenize, Prompts(), 40))
    for number, section in enumerate(document.sections, 1):
        assert bare("".join(p.text for p in found if p.metadata["parent"] == f"x#s{number}")) == bare(
            section.text
        )
    if read is read_text:
        assert bare("".join(p.text for p in found)) == bare(text.replace("\0", "").removeprefix("\ufeff"))


def test_ids_titles_and_places(tokenize):
    document = read_markdown(b"before\n\n# Rules\n## The clock\nking queen rook\n\nbishop knight pawn\n", "x")
    found = passages("my guide/rules 1.md", document, Ruler(tokenize, Prompts(), 64))
    assert [(p.id, p.title, p.text) for p in found] == [
        ("my%20guide/rules%201.md#1", "Rules", "before"),
        ("my%20guide/rules%201.md#2", "Rules > The clock", "king queen rook\n\nbishop knight pawn"),
    ]
    assert found[1].metadata == {
        "source": "my guide/rules 1.md", "headings": ["Rules", "The clock"], "parent": "my%20guide/rules%201.md#s2",
    }  # fmt: skip


def test_passages_end_with_sentences_and_overlap_repeats_the_last_ones(tokenize):
    sentences = [f"The king {n} falls." for n in range(40)]
    document = Document("", (Section((), " ".join(sentences)),), markdown=False)
    plain, lapped = (
        passages("x.txt", document, Ruler(tokenize, Prompts(), 60, overlap)) for overlap in (0, 20)
    )
    assert all(p.text.startswith("The") and p.text.endswith("falls.") for p in (*plain, *lapped))
    assert len(lapped) > len(plain)
    for before, after in pairwise(lapped):
        again = [s for s in sentences if s in before.text and s in after.text]
        assert again and len(tokenize(" ".join(again))) <= 22


@pytest.mark.parametrize("lines", range(18, 34))
def test_no_fence_stands_alone(tokenize, lines):
    code = "\n".join(f"king = {n}" for n in range(lines))
    document = read_markdown(f"the clock\n\n```toml\n{code}\n```\n\nthe flag\n".encode(), "x")
    found = passages("x.md", document, Ruler(tokenize, Prompts(), 48))
    assert len(found) > 2 and all("clock" in p.text or "king" in p.text or "flag" in p.text for p in found)


def test_a_long_heading_is_clipped_in_the_title_alone(tokenize):
    heading = "king " * 200
    document = Document("", (Section((heading.strip(),), "queen"),))
    (passage,) = passages("x.md", document, Ruler(tokenize, Prompts(), 40))
    assert 0 < len(passage.title.split()) < 40 and passage.metadata["headings"] == [heading.strip()]


def test_the_file_s_name_is_the_last_title(tokenize):
    (passage,) = passages("a/the rules.txt", read_text(b"king", "x"), Ruler(tokenize, Prompts(), 40))
    assert passage.title == "the rules"


def test_limits_that_leave_no_room_are_refused(tokenize):
    with pytest.raises(InputError, match="--tokens 5: too few"):
        Ruler(tokenize, Prompts(), 5).check()
    for overlap in (-1, 30):
        with pytest.raises(InputError, match=f"--overlap {overlap}: must be 0 to"):
            Ruler(tokenize, Prompts(), 40, overlap).check()
    with pytest.raises(InputError, match="too few for the character"):
        Ruler(lambda text: [0] * 9 * len(text), Prompts(), 8).split("", "ab", False)
