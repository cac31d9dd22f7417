import pytest
from pocketrag.ingest.charset import decode

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
