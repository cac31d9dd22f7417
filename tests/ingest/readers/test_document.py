import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.ingest.readers.document import Part, decode, read_text, sections, unwrap

from pocketrag.errors import InputError


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"ab\xffc", "byte 3"), ("é".encode("utf-16") + b"x", "byte 3"), (b"abc\0", "byte 4 is a NUL")],
)
def test_what_is_no_text_is_refused_by_its_byte(data, message):
    with pytest.raises(InputError, match=f"x.txt: .*{message}"):
        decode(data, "x.txt")


def test_byte_order_mark_and_line_ends_of_other_systems():
    assert decode("\ufeffa\r\nb\rc\n".encode(), "x") == "a\nb\nc\n"


def test_a_line_end_within_a_sentence_becomes_a_space():
    assert unwrap("The clock,\nwhich\n  stops.\nThen it\nRings\n\nagain\n- a\n1\nb") == (
        "The clock, which stops.\nThen it\nRings\n\nagain\n- a\n1\nb"
    )


@given(st.text())
def test_unwrapping_changes_white_space_alone(text):
    assert "".join(unwrap(text).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ポンプの点検は毎月一\n度おこないます。", "ポンプの点検は毎月一度おこないます。"),
        ("目次\n第一章　ポンプの点検", "目次\n第一章　ポンプの点検"),
        ("ポンプの電源を切ります。\nバルブを閉じます。", "ポンプの電源を切ります。\nバルブを閉じます。"),
        ("กรุณาปิดวาล์วก่อนเปิดฝา\nครอบปั๊มทุกครั้ง", "กรุณาปิดวาล์วก่อนเปิดฝาครอบปั๊มทุกครั้ง"),
        ("펌프를 열기 전에 밸브를 닫\n으십시오", "펌프를 열기 전에 밸브를 닫\n으십시오"),
    ],
)
def test_full_lines_of_scripts_without_spaces_are_joined(text, wanted):
    assert unwrap(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Der Satz¹ gilt, siehe Beweis²³.", "Der Satz ¹ gilt, siehe Beweis ²³."),
        ("漢字¹を", "漢字 ¹を"),
        ("5 m², 3 cm³, 7 km², mc², x², 2 inch², mol⁻¹, Ca²⁺", "5 m², 3 cm³, 7 km², mc², x², 2 inch², mol⁻¹, Ca²⁺"),
        ("10⁶ and 10⁻³ and 2ⁿ⁺¹, H₂O", "10^6 and 10^-3 and 2^(n+1), H₂O"),
        ("\uf0b7 one\n \uf0a7\ttwo\n\uf0d8\nthree\nB \uf0b7 b", "- one\n - two\n- three\nB • b"),
    ],
)  # fmt: skip
def test_signs_are_spelled(text, wanted):
    (section,) = read_text(text.encode(), "x").sections
    assert section.text == wanted


def test_a_text_is_one_section():
    (section,) = read_text(b"a\n\n# b", "x").sections
    assert section.headings == () and section.text == "a\n\n# b"
    assert read_text(b" \n", "x").sections == ()


def test_the_path_holds_the_headings_above():
    parts = [
        Part(0, "", "in front"),
        Part(1, "A", ""),
        Part(3, "B", "b"),
        Part(2, "C", "c"),
        Part(1, "D", "d"),
    ]
    assert [(s.headings, s.text) for s in sections(parts)] == [
        ((), "in front"), (("A", "B"), "b"), (("A", "C"), "c"), (("D",), "d"),
    ]  # fmt: skip


def test_a_heading_with_nothing_below_is_its_own_text():
    parts = [
        Part(0, "", "\n"),
        Part(1, "A", " "),
        Part(2, "B", ""),
        Part(2, "C", "c"),
        Part(2, "", ""),
        Part(1, "D", "\n"),
    ]
    assert [(s.headings, s.text) for s in sections(parts)] == [
        (("A", "B"), "B"),
        (("A", "C"), "c"),
        (("D",), "D"),
    ]
