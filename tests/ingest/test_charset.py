import pytest
from pocketrag.ingest.charset import check_label, decode, text_of

from pocketrag.errors import InputError

TEXT = "Le café est fermé; “18 €”.\n"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_with_and_without_a_mark(charset):
    assert decode(TEXT.encode(charset), "x") == TEXT
    assert decode(("\ufeff" + TEXT).encode("utf-32-be"), "x") == TEXT


@pytest.mark.parametrize(
    ("label", "codec"), [("iso-8859-1", "cp1252"), ("x-sjis", "shift_jis"), ("windows-1251", "cp1251")]
)
def test_a_declared_charset_is_what_browsers_take_it_for(label, codec):
    text = {"cp1252": TEXT, "shift_jis": "日本語", "cp1251": "Привет"}[codec]
    assert decode(f'<meta charset="{label}">{text}'.encode(codec), "x", markup=True).endswith(text)


@pytest.mark.parametrize(
    ("codec", "text"),
    [("iso2022_jp", "ポンプの点検 A-12"), ("iso2022_jp_ext", "ﾎﾟﾝﾌﾟ"), ("iso2022_kr", "펌프 점검")],
)
@pytest.mark.parametrize("markup", [True, False])
def test_charsets_of_seven_bits_show_themselves(codec, text, markup):
    assert decode(text.encode(codec), "x", markup=markup) == text


def test_broken_escape_sequences_are_refused():
    with pytest.raises(InputError, match=r"x: not ISO2022-JP-EXT .byte 4"):
        decode(b"\x1b$B$", "x")


@pytest.mark.parametrize(
    ("label", "seen"), [("x-user-defined", "é"), ("replacement", None), ("hz-gb-2312", None)]
)
def test_labels_that_are_no_charset_do_not_end_the_run(label, seen):
    page = f'<meta charset="{label}">'.encode() + "é".encode("cp1252")
    if seen is None:
        with pytest.raises(InputError, match="not UTF-8"):
            decode(page, "x", markup=True)
    else:
        assert decode(page, "x", markup=True).endswith(seen)


def test_a_label_without_a_charset_is_refused_as_an_option():
    with pytest.raises(InputError, match="no such charset"):
        check_label("replacement")


@pytest.mark.parametrize("charset", ["utf-16le", "utf-16be"])
def test_utf_16_without_zeros_is_read_where_it_is_named(charset):
    text = "水泵的维护手册\n每月检查一次"
    data = text.encode(charset)
    with pytest.raises(InputError, match=r"UTF-16 without a byte order mark.*utf-16le or utf-16be"):
        decode(data, "x")
    check_label(charset)
    assert text_of(data, otherwise=charset) == text
    assert text_of(text.encode(), otherwise=charset) == text
