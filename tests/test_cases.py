"""Small inputs of the kinds that once failed, invented, each run to its end as a user would."""

import base64
import json
import unicodedata
from dataclasses import dataclass

import pytest

from pocketrag.cli.main import main
from pocketrag.formats.data.beir import Passage, Question, read_corpus, read_judged
from pocketrag.runtime.full_text import full_text
from tests.conftest import make_data
from tests.ingest.pdf import make_pdf
from tests.ingest.readers.office import make_epub

ROWS = [("r1", "Éteindre", "La lampe s’éteint après 3 s."), ("r2", "Prix", "Le kit coûte 12,50 €.")]


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    """Run the command line in this process, in `tmp_path`."""

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Done(code, said.out, " ".join(said.err.split(" ")))

    return run


def table(separator=";", end="\r\n"):
    return end.join(separator.join(row) for row in (("id", "title", "text"), *ROWS)) + end


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


#: What is imported, and further arguments.
IMPORTED = {
    "UTF-16": (table().encode("utf-16"), ()),
    "UTF-8 with a mark, ends of old Macs": (b"\xef\xbb\xbf" + table(end="\r").encode(), ()),
    "windows-1252 that is named": (table().encode("cp1252"), ("--encoding", "windows-1252")),
    "Mac Roman that is named": (table(end="\r").encode("mac_roman"), ("--encoding", "macintosh")),
    "a spreadsheet's first line": ("sep=|\r\n" + table("|")).encode(),
    "split data frame": json.dumps({"columns": ["id", "title", "text"], "data": ROWS}).encode(),
    "MongoDB": lines(
        {"_id": {"$oid": id_}, "title": title, "text": text} for id_, title, text in ROWS
    ).encode(),
}


@pytest.mark.parametrize("kind", IMPORTED)
def test_imported(cli, tmp_path, kind):
    data, more = IMPORTED[kind] if isinstance(IMPORTED[kind], tuple) else (IMPORTED[kind], ())
    suffix = ".json" if data[:1] == b"{" else ".csv"
    (tmp_path / f"in{suffix}").write_bytes(data)
    done = cli("import", f"in{suffix}", "--out", "my", *more)
    assert done.returncode == 0, done.stderr
    assert [p.text for p in read_corpus(tmp_path / "my" / "corpus.jsonl")] == [row[2] for row in ROWS]


@pytest.mark.parametrize("expected", ["1.0", '"[1.0, 2.0]"', "2"])
def test_ids_with_a_point(cli, tmp_path, expected):
    (tmp_path / "c.csv").write_text("id,text\n1,A pump.\n2,A lamp.\n")
    (tmp_path / "a.csv").write_text(f"question,expected\nWhat moves water?,{expected}\n")
    done = cli("import", "c.csv", "--questions", "a.csv", "--out", "my")
    assert done.returncode == 0, done.stderr


#: What is done to the lines of judgements, each `question TAB passage TAB 1`.
JUDGED = {
    "TREC": lambda rows: "".join(f"{q} 0 {p} {s}\n" for q, p, s in rows),
    "no header, CRLF": lambda rows: "".join(f"{q}\t{p}\t{s}\r\n" for q, p, s in rows),
    "another header": lambda rows: (
        "query_id\tdoc_id\trelevance\n" + "".join("\t".join(row) + "\n" for row in rows)
    ),
    "negative": lambda rows: "".join(
        f"{q}\t{p}\t{s}\n" for q, p, s in (*rows, (rows[0][0], rows[1][1], "-1"))
    ),
    "twice": lambda rows: "".join("\t".join(row) + "\n" for row in (*rows, rows[0])),
    "graded": lambda rows: "".join(f"{q}\t{p}\t2.0\n" for q, p, _ in rows),
}


@pytest.mark.parametrize("kind", JUDGED)
def test_judgements_are_read_and_imported(cli, tmp_path, kind):
    make_data(tmp_path, passages=14, asked=1)
    rows = [line.split("\t") for line in (tmp_path / "qrels.tsv").read_text().splitlines()[1:]]
    (tmp_path / "qrels.tsv").write_bytes(JUDGED[kind]([tuple(row) for row in rows]).encode())
    *_, judged = read_judged(*(tmp_path / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")))
    assert len(judged) == 14
    done = cli("import", ".", "--out", "my")
    assert done.returncode == 0, done.stderr


def test_a_judgement_of_an_unknown_passage_is_named(cli, tmp_path):
    make_data(tmp_path, passages=14, asked=1)
    with (tmp_path / "qrels.tsv").open("a") as file:
        file.write("q000-0\tmissing\t1\n")
    done = cli("import", ".", "--out", "my")
    assert done.returncode == 2 and "'missing'" in done.stderr and "qrels.tsv:16" in done.stderr
    assert cli("import", ".", "--out", "my", "--skip-unknown").returncode == 0


PICTURE = base64.b64encode(bytes(range(256)) * 300).decode()
#: File -> what it holds, and what of it is a passage (None: it is left out), with `bad` the files that are named.
DOCUMENTS = {
    "picture.md": (f"# Pump\n\n![from above](data:image/png;base64,{PICTURE})\n\nRinse it.\n", "from above\n\nRinse it."),
    "picture.html": (f"<h1>Fan</h1><p>Oil it.<img alt='fan' src='data:image/png;base64,{PICTURE}'>", "Oil it. fan"),
    "front.md": ('+++\ntitle = "Pump guide"\n+++\n\nClose the valve.\n', "Close the valve."),
    "comment.md": ("# A\n\n<!-- secret -->\n\nVisible.\n", "Visible."),
    "links.md": ("# L\n\nSee [this](https://x.org/y?z=1).\n\n[r]: https://x.org\n", "See this."),
    "entities.md": ("Caf&eacute; &lt;b&gt; 5 \\< 6\n", "Café <b> 5 < 6"),
    "hidden.html": ("<nav>Menu</nav><p>Seen.<p hidden>secret<div style='display:none'>secret</div>", "Seen."),
    "old.html": ("<meta charset=iso-8859-1><p>“Café” 5 €".encode("cp1252"), "“Café” 5 €"),
    "wide.txt": ("Le café est fermé.\n".encode("utf-16"), "Le café est fermé."),
    "nfd.txt": (unicodedata.normalize("NFD", "Règlement d’été"), unicodedata.normalize("NFD", "Règlement d’été")),
    "book.epub": (make_epub({"a.xhtml": "<h1>One</h1><p>In a book.</p>"}), "In a book."),
    "paper.pdf": (make_pdf(["the bye waits"]), "the bye waits"),
    "empty.md": ("", None),
    "zero.pdf": (b"", None),
    "bad.txt": (b"caf\xe9", "bad"),
    "bad.pdf": (b"%PDF-1.4\nno", "bad"),
    "bad.docx": (b"PK\x03\x04", "bad"),
    "bad.pptx": (b"PK\x03\x04", "bad"),
    "bad.epub": (b"PK\x03\x04", "bad"),
}  # fmt: skip


def test_documents(cli, tmp_path, tiny_bert):
    (tmp_path / "docs").mkdir()
    for name, (data, _) in DOCUMENTS.items():
        (tmp_path / "docs" / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    done = cli("chunk", "docs", "--embedder", tiny_bert, "--out", "made/c.jsonl")
    bad = [name for name, (_, text) in DOCUMENTS.items() if text == "bad"]
    assert done.returncode == 2 and f"{len(bad)} of " in done.stderr and "Traceback" not in done.stderr
    assert all(f"  {name}: " in done.stderr for name in bad)
    texts = {}
    for passage in read_corpus(tmp_path / "made" / "c.jsonl"):
        texts.setdefault(passage.metadata["source"], []).append(passage.text)
    seen = {name: [text] for name, (_, text) in DOCUMENTS.items() if text not in (None, "bad")}
    assert texts == seen
    again = cli("chunk", "docs", "--embedder", tiny_bert, "--out", "made/c.jsonl")
    assert again.returncode == 2 and "--force" in again.stderr


#: Language -> passages, and the words of the question that only the first holds.
ASKED = {
    "Hindi": (["किताब मेज़ पर रखी है", "घड़ी दीवार पर लगी है"], "किताब कहाँ है"),
    "Tamil": (["புத்தகம் மேசையில் உள்ளது", "கடிகாரம் சுவரில் உள்ளது"], "புத்தகம் எங்கே"),
    "vocalised Arabic": (["كَتَبَ الحَكَمُ القَرَارَ", "نَامَ الوَلَدُ مُبَكِّرًا"], "من كتب القرار"),
    "Chinese": (["风扇应当放在干燥的地方", "牛奶每三天检查一次"], "风扇放在哪里"),
    "Japanese": (["扇風機は乾いた場所に置きます", "牛乳は三日ごとに点検します"], "扇風機はどこに置きますか"),
    "Thai": (["พัดลมควรวางในที่แห้ง", "นมต้องตรวจทุกสามวัน"], "พัดลมวางที่ไหน"),
    "codes": (["article 6.11.4 stops clocks", "article 6.4.11 starts them, 4 of 11 times"], "article 6.11.4"),
    "ligatures": (["the œuvre is in the office", "the door is shut"], "oeuvre"),
}


@pytest.mark.parametrize("language", ASKED)
def test_full_text_finds(language):
    texts, asked = ASKED[language]
    passages = [Passage(f"p{n}", "", text) for n, text in enumerate(texts)]
    run = full_text(passages, [Question("q", asked)])
    assert run["q"] and run["q"][0][0] == "p0"
