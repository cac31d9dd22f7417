"""`pocketrag ask`: with a generator whose engine writes what a test says, without one, and with a damaged one."""

import io
import json
import sys

import pytest

from pocketrag.cli.commands import ask as command
from pocketrag.cli.main import main
from pocketrag.formats.generator import beside
from tests.pocketrag.runtime.generator.scripted import Scripted, packed

QUESTION = "what moves if king 0 meets rook ?"


@pytest.fixture
def generator(tiny_bundle):
    return packed(beside(tiny_bundle))


@pytest.fixture
def engine(monkeypatch):
    """What the verb opens in place of LiteRT-LM."""
    scripted = Scripted("It moves ", "[1].")
    monkeypatch.setattr(command, "LiteRtLmEngine", lambda folder, spec, threads: scripted)
    return scripted


def asked(capsys, *arguments, code=0):
    assert main(["ask", *map(str, arguments), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_an_answer_and_its_sources(tiny_bundle, generator, engine, capsys):
    facts = asked(capsys, tiny_bundle, QUESTION)
    (one,) = facts["answers"]
    assert facts["generator"] == "tiny 1.0.0" and facts["no_generator"] is None
    assert one["outcome"] == "answer" and one["text"] == "It moves [1]." and one["citations"] == [1]
    assert [row["number"] for row in one["sources"]] == list(range(1, len(one["sources"]) + 1))
    assert engine.closed and engine.ended == 1
    assert main(["ask", str(tiny_bundle), QUESTION]) == 0
    shown = capsys.readouterr().out
    assert "It moves [1]." in shown and "\n[1] " in shown and "first token" in shown


def test_another_folder(tiny_bundle, tmp_path, engine, capsys):
    facts = asked(capsys, tiny_bundle, QUESTION, "--generator", packed(tmp_path / "other", name="other"))
    assert facts["generator"] == "other 1.0.0"


def test_the_quotes_of_the_free_tier(tiny_bundle, generator, engine, capsys):
    facts = asked(capsys, tiny_bundle, QUESTION, "--no-generator")
    (one,) = facts["answers"]
    assert facts["generator"] is None and one["outcome"] == "quotes" and one["quotes"] and not engine.prompts
    texts = " ".join(row["text"] for row in one["sources"])
    assert all(quote["text"] in texts for quote in one["quotes"])


def test_without_a_generator_the_passages_are_quoted_and_it_is_said(tiny_bundle, capsys):
    assert main(["ask", str(tiny_bundle), QUESTION, "--json"]) == 0
    said = capsys.readouterr()
    assert "there is no tiny.generator beside the bundle" in said.err
    assert json.loads(said.out)["answers"][0]["outcome"] == "quotes"


def test_below_the_threshold_nothing_is_generated(tiny_bundle, generator, engine, capsys):
    facts = asked(capsys, tiny_bundle, QUESTION, "--threshold", "2")
    assert facts["answers"][0]["outcome"] == "abstained" and not engine.prompts
    assert main(["ask", str(tiny_bundle), QUESTION, "--threshold", "2"]) == 0
    assert "Probably not in this corpus" in capsys.readouterr().out


def damaged(folder):
    (folder / "generator.litertlm").write_bytes(b"no modeL")


def missing(folder):
    (folder / "generator.litertlm").unlink()


def no_json(folder):
    (folder / "generator.json").write_text("{")


def changed(**more):
    def change(folder):
        spec = json.loads((folder / "generator.json").read_text())
        (folder / "generator.json").write_text(json.dumps({**spec, **more}))

    return change


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damaged, "generator.litertlm: not the file that was packed"),
        (missing, "generator.litertlm: missing"),
        (no_json, "generator.json: not JSON"),
        (changed(contract=2), "contract 2; this version of pocketrag reads 1"),
        (changed(budget=0), "generator.json: `budget`"),
        (changed(prompt={"user": "{question}"}), "generator.json: `prompt.user`"),
    ],
)
def test_a_damaged_generator_ends_with_2(tiny_bundle, generator, damage, words, capsys):
    damage(generator)
    assert words in asked(capsys, tiny_bundle, QUESTION, code=2)["error"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((" ",), "the question is empty"),
        (("x", "--generator", "/none"), "/none: no such folder"),
    ],
)
def test_bad_input_ends_with_2(tiny_bundle, arguments, words, capsys):
    assert words in asked(capsys, tiny_bundle, *arguments, code=2)["error"]


def test_a_missing_package_is_named(tiny_bundle, generator, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "litert_lm", None)
    said = asked(capsys, tiny_bundle, QUESTION, code=2)["error"]
    assert "'litert_lm': pip install 'pocketrag[answers]'" in said


class Typed(io.StringIO):
    """A terminal at which this is typed; at its end comes `end`."""

    def __init__(self, text, end=None, terminal=True):
        super().__init__(text)
        self.end, self.terminal = end, terminal

    def isatty(self):
        return self.terminal

    def readline(self, *size):
        line = super().readline(*size)
        if not line and self.end:
            raise self.end
        return line


@pytest.mark.parametrize("end", [None, KeyboardInterrupt()])
def test_a_session_ends_with_the_input_or_ctrl_c(tiny_bundle, generator, engine, monkeypatch, capsys, end):
    monkeypatch.setattr(sys, "stdin", Typed(f"{QUESTION}\n\n  \nand 1 ?\n", end))
    assert main(["ask", str(tiny_bundle)]) == 0
    said = capsys.readouterr()
    assert said.err.count("It moves [1].") == 2 and "2 questions" in said.out and engine.closed
    monkeypatch.setattr(sys, "stdin", Typed(QUESTION, terminal=False))
    facts = asked(capsys, tiny_bundle)
    assert len(facts["answers"]) == 1 and facts["shown"] is False


def test_ctrl_c_while_the_model_writes(tiny_bundle, generator, monkeypatch, capsys):
    scripted = Scripted("It ", interrupted=True)
    monkeypatch.setattr(command, "LiteRtLmEngine", lambda folder, spec, threads: scripted)
    monkeypatch.setattr(sys, "stdin", Typed(f"{QUESTION}\n"))
    assert main(["ask", str(tiny_bundle)]) == 0
    assert scripted.ended == 1 and scripted.closed
    assert main(["ask", str(tiny_bundle), QUESTION]) == 130
