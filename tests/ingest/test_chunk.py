import json
import unicodedata

import openpyxl
import pytest

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import read_corpus
from pocketrag.formats.embedder.embedder_folder import defaults_of
from pocketrag.formats.tokenizer import TokenizerSpec, load_tokenizer
from tests.conftest import cli
from tests.ingest.pdf import encrypted, make_pdf
from tests.verbs import chunk


@pytest.fixture
def documents(tmp_path):
    folder = tmp_path / "documents"
    (folder / "guide").mkdir(parents=True)
    (folder / "guide" / "rules.md").write_text(
        "# Rules\nThe king moves.\n\n## Clock\n"
        + "".join(f"The flag falls when clock {n} stops. " for n in range(20))
    )
    (folder / "notes.txt").write_text("the phone rings\n")
    (folder / "page.html").write_text("<title>Page</title><h1>Draw</h1><p>the arbiter asks</p>")
    (folder / "book.pdf").write_bytes(make_pdf(["the bye waits"], [], ["the rook wins"], title="Book"))
    (folder / "scan.pdf").write_bytes(make_pdf([]))
    (folder / "shut.pdf").write_bytes(encrypted(make_pdf(["secret"]), "secret"))
    (folder / "empty.md").write_text("\n")
    (folder / "old.rst").write_text("x")
    (folder / ".hidden.md").write_text("x")
    return folder


@pytest.fixture
def run(documents, tiny_bert, tmp_path):
    return lambda **options: chunk(
        str(documents),
        **{"embedder": str(tiny_bert), "out": str(tmp_path / "corpus.jsonl"), "force": True, **options},
    )


def test_the_files_become_passages_in_beir_layout(run, tmp_path, tiny_bert):
    facts = run()
    found = read_corpus(tmp_path / "corpus.jsonl")
    tokenize = load_tokenizer(tiny_bert, TokenizerSpec(kind="tokenizer.json", file="tokenizer.json"))
    sizes = sorted(len(tokenize(defaults_of(tiny_bert).passage(p.title, p.text))) for p in found)
    assert facts["passages"] == len(found) and facts["tokens_max"] == sizes[-1] <= facts["tokens_limit"] == 64
    assert facts["files"] == 4 and facts["hidden"] == 1 and facts["unknown_suffix"] == {".rst": 1}
    assert facts["pages_without_text"] == {"book.pdf": [2]}
    assert list(facts["skipped"]) == ["empty.md", "scan.pdf", "shut.pdf"]
    assert [
        word in reason
        for word, reason in zip(("no text", "scanned", "encrypted"), facts["skipped"].values(), strict=True)
    ]
    by_id = {p.id: p for p in found}
    assert by_id["book.pdf#2"].metadata == {
        "source": "book.pdf",
        "page": 3,
        "headings": [],
        "parent": "book.pdf#s2",
    }
    assert (
        by_id["book.pdf#1"].title == "Book"
        and by_id["notes.txt#1"].title == "notes"
        and by_id["page.html#1"].title == "Page > Draw"
    )
    assert by_id["guide/rules.md#3"].metadata["headings"] == ["Rules", "Clock"]
    assert (
        by_id["guide/rules.md#2"].metadata["parent"]
        == by_id["guide/rules.md#3"].metadata["parent"]
        == "guide/rules.md#s2"
    )
    assert all(unicodedata.is_normalized("NFC", p.id) for p in found)


def test_the_same_files_give_the_same_bytes_and_other_files_leave_their_ids(run, documents, tmp_path):
    run()
    first = (tmp_path / "corpus.jsonl").read_bytes()
    run(out=str(documents / "corpus.jsonl"))
    assert (documents / "corpus.jsonl").read_bytes() == first
    (documents / "a.md").write_text("# New\nthe board waits")
    run()
    assert set(first.splitlines()) < set((tmp_path / "corpus.jsonl").read_bytes().splitlines())


def test_fewer_tokens_make_more_passages(run):
    assert run(tokens=24)["passages"] > run()["passages"]
    assert run(tokens=48, overlap=16)["passages"] > run(tokens=48)["passages"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tokens": 65}, "--tokens 65: .* takes at most 64"),
        ({"tokens": 9}, "--tokens 9: too few"),
        ({"overlap": 31}, "--overlap 31: must be"),
        ({"out": __file__, "force": False}, "is there already; .* --force"),
        ({"out": "."}, "is a folder"),
        ({"embedder": "/none"}, "/none"),
    ],
)
def test_bad_options_are_named(run, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        run(**options)
    assert not (tmp_path / "corpus.jsonl").exists()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("guide/bad.md", b"a\xff", "not UTF-8 (byte 2)"),
        ("bad.pdf", b"%PDF-", "not a readable PDF"),
    ],
)
def test_a_bad_file_is_named_and_the_others_are_read(run, documents, tmp_path, name, data, message):
    run()
    before = (tmp_path / "corpus.jsonl").read_bytes()
    (documents / name).write_bytes(data)
    with pytest.raises(InputError, match=r"1 of 5 files can't be read.*--skip-bad") as raised:
        run()
    assert f"\n  {name}: {message}" in str(raised.value)
    assert (tmp_path / "corpus.jsonl").read_bytes() == before
    assert run(skip_bad=True)["skipped"][name].startswith(message)
    assert (tmp_path / "corpus.jsonl").read_bytes() == before


def test_all_bad_files_are_named_in_one_run(run, documents, tmp_path):
    for name, data in {"a.md": b"\xff", "b.pdf": b"%PDF-", "z.docx": b"PK\x03\x04", "y.epub": b"no"}.items():
        (documents / name).write_bytes(data)
    with pytest.raises(InputError, match="4 of 8 files") as raised:
        run()
    assert [line.split(":")[0].strip() for line in str(raised.value).splitlines()[1:]] == [
        *("a.md", "b.pdf", "y.epub", "z.docx")
    ]
    assert any(p.title == "Rules > Clock" for p in read_corpus(tmp_path / "corpus.jsonl"))


def test_a_charset_is_taken_where_it_is_named(run, documents, tmp_path):
    (documents / "old.txt").write_bytes("Das Café schließt.".encode("cp1252"))
    (documents / "new.txt").write_text("Das Café öffnet.")
    with pytest.raises(InputError, match=r"old.txt: not UTF-8 .byte 8.*--encoding .*windows-1251"):
        run()
    assert run(encoding="latin1")["files"] == 6
    texts = {p.id: p.text for p in read_corpus(tmp_path / "corpus.jsonl")}
    assert texts["old.txt#1"] == "Das Café schließt." and texts["new.txt#1"] == "Das Café öffnet."
    with pytest.raises(InputError, match="--encoding klingon: no such charset"):
        run(encoding="klingon")


def test_missing_folders_are_made(run, tmp_path):
    run(out=str(tmp_path / "a" / "b" / "c.jsonl"), force=False)
    assert (tmp_path / "a" / "b" / "c.jsonl").exists()


def test_the_result_does_not_become_a_document(run, documents):
    with pytest.raises(InputError, match="would be read as one of its documents"):
        run(out=str(documents / "guide" / "corpus.TXT"))


def test_a_folder_without_text_is_no_corpus(tmp_path, tiny_bert):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.rst").write_text("x")
    with pytest.raises(InputError, match="no file that can be read"):
        chunk(str(tmp_path / "in"), embedder=str(tiny_bert), out=str(tmp_path / "c.jsonl"))
    (tmp_path / "in" / "scan.pdf").write_bytes(make_pdf([]))
    with pytest.raises(InputError, match=r"no file holds text that can be read:\n  scan.pdf: .*scanned"):
        chunk(str(tmp_path / "in"), embedder=str(tiny_bert), out=str(tmp_path / "c.jsonl"))


@pytest.mark.parametrize("skip_bad", [False, True])
def test_where_all_files_are_bad_all_are_named(tmp_path, tiny_bert, skip_bad):
    (tmp_path / "in").mkdir()
    for name, data in {"a.md": b"\xff", "b.pdf": b"%PDF-", "c.txt": b"", "z.docx": b"PK\x03\x04"}.items():
        (tmp_path / "in" / name).write_bytes(data)
    with pytest.raises(InputError) as raised:
        chunk(str(tmp_path / "in"), embedder=str(tiny_bert), out=str(tmp_path / "c"), skip_bad=skip_bad)
    assert [line.split(":")[0].strip() for line in str(raised.value).splitlines()[1:]] == [
        *("a.md", "b.pdf", "c.txt", "z.docx")
    ]


def test_one_file_is_read_and_never_replaced_by_its_passages(documents, tiny_bert, tmp_path):
    file, out = documents / "guide" / "rules.md", tmp_path / "c.jsonl"
    assert chunk(str(file), embedder=str(tiny_bert), out=str(out))["files"] == 1
    assert read_corpus(out)[0].id == "rules.md#1"
    with pytest.raises(InputError, match="would be read as one of its documents"):
        chunk(str(file), embedder=str(tiny_bert), out=str(file), force=True)


def test_as_people_call_it(documents, tiny_bert, tmp_path):
    arguments = ("chunk", documents, "--out", "c.jsonl", "--embedder", tiny_bert)
    done = cli(*arguments, cwd=tmp_path)
    assert done.returncode == 0 and "scan.pdf" in done.stdout and "scan.pdf: skipped" in done.stderr
    assert "skipped: scan.pdf: no page holds text" in done.stdout and "{" not in done.stdout
    assert cli(*arguments, cwd=tmp_path).returncode == 2
    arguments = (*arguments, "--force")
    facts = json.loads(cli(*arguments, "--tokens", 32, "--overlap", 4, "--json", cwd=tmp_path).stdout)
    assert facts["tokens_max"] <= 32 and facts["corpus"] == "c.jsonl"
    (documents / "bad.txt").write_bytes(b"\xff")
    done = cli(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and "bad.txt: not UTF-8 (byte 1)" in done.stderr
    done = cli(*arguments, "--skip-bad", cwd=tmp_path)
    assert done.returncode == 0 and "bad.txt: not read, not UTF-8 (byte 1)" in done.stderr


def test_what_of_a_file_could_not_be_read_is_said(run, documents, capsys):
    book = openpyxl.Workbook()
    for row in (["Part", "Price", "Total"], ["Lid", 3, "=B2*2"], ["Rod", 4, "=B3*2"]):
        book.active.append(row)
    book.active.title = "Prices"
    book.save(documents / "prices.xlsx")
    (said,) = run()["missing"]["prices.xlsx"]
    assert said.startswith(
        "sheet 'Prices', column C: formulas without a saved value (2, the first in row 2); open "
    )
    assert f"prices.xlsx: not read: {said}" in capsys.readouterr().err


def test_long_names_and_titles_neither_end_the_run_nor_meet(tiny_bert, tmp_path):
    folder = tmp_path / "documents"
    for n in range(3):
        deep = folder / ("ordner " + "x" * 200) / ("y" * 240 + str(n))
        deep.mkdir(parents=True)
        (deep / f"{'z' * 240}.md").write_text("# " + "Long title " * 200 + f"\n\ntext {n}\n")
    out = tmp_path / f"{'c' * 245}.jsonl"
    assert chunk(str(folder), embedder=str(tiny_bert), out=str(out))["passages"] == 3
    assert len({p.id for p in read_corpus(out)}) == 3
