"""`pocketrag init`: a folder with a recipe to begin with, from what is there already."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from rich.prompt import Prompt

from pocketrag import console
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.init import InitFacts
from pocketrag.formats.facts.npu import SOC
from pocketrag.recipe.keys.recipe_keys import schema_of_recipes
from pocketrag.recipe.languages import STEMMERS, code_of
from pocketrag.recipe.new_recipe import SCHEMA, UNANSWERABLE, NewRecipe, default_base
from pocketrag.recipe.recipe import read_recipe

CORPUS, QUERIES, QRELS, DOCUMENTS = "corpus.jsonl", "queries.jsonl", "qrels.tsv", "documents"


@dataclass
class _Answers:
    """What was given, what people answered, and what nobody said."""

    ask: bool
    chosen: dict[str, str] = field(default_factory=dict)
    defaults: list[str] = field(default_factory=list)

    def take(self, key: str, given: str | None, question: str, default: str) -> str:
        """Return the option's value, else the answer on a terminal, else the default."""
        if given is None and self.ask:
            said = Prompt.ask(question, default=default, console=console.err)
        else:
            said = default if given is None else given
        if given is None and said == default:
            self.defaults.append(key)
        self.chosen[key] = said
        return said


def init(
    folder: str = "my",
    *,
    corpus: str | None = None,
    documents: str | None = None,
    name: str | None = None,
    language: str | None = None,
    base: str | None = None,
    npu: list[str] | None = None,
) -> InitFacts:
    """Write a commented recipe, and what else a project needs; nothing that is there is replaced.

    Args:
        folder: where the project goes; it may hold the files of `pocketrag import`.
        corpus: a file of passages that there is already; by default `corpus.jsonl` in the folder.
        documents: a folder of documents, which is cut to passages at once.
        name: of the recipe and the bundle; by default the folder's.
        language: of the passages, ISO 639-1.
        base: a hub id or a folder.
        npu: Qualcomm's systems on a chip for whose NPUs the model is compiled, too.

    Raises:
        InputError: a recipe lies there already, the name or the language can't be used, or a file is missing.
        OSError: the folder can't be written.

    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise InputError(f"{target}: is a file; name a folder.")
    answers = _Answers(ask=sys.stdin.isatty() and console.err.is_terminal)
    called = _name(answers.take("name", name, "Name of the bundle", _usable(target.resolve().name)))
    file = target / f"{called}.toml"
    if file.exists():
        raise InputError(f"{file}: is there already, and is left as it is; give another --name or folder.")
    passages = _passages(target, corpus, documents, answers)
    spoken = _language(answers.take("language", language, "Language of the passages (ISO 639-1)", "en"))
    chosen = NewRecipe(
        called,
        _relative(passages, target),
        _judged(target),
        spoken,
        _base(answers.take("base", base, "Embedding model (hub id or folder)", default_base(spoken))),
        _npus(npu, answers),
        UNANSWERABLE if (target / UNANSWERABLE).is_file() else None,
    )
    return _written(target, file, chosen, documents, answers)


def _written(
    target: Path, file: Path, chosen: NewRecipe, documents: str | None, answers: _Answers
) -> InitFacts:
    new = [folder for folder in (target,) if not folder.exists()]
    target.mkdir(parents=True, exist_ok=True)
    if documents:
        chunk = import_module("pocketrag.ingest.chunk").chunk
        chunk(documents, out=str(target / CORPUS), embedder=chosen.base)
        new.append(target / CORPUS)
    elif not (target / chosen.corpus).exists() and not (target / DOCUMENTS).exists():
        (target / DOCUMENTS).mkdir()
        new.append(target / DOCUMENTS)
    if not (target / SCHEMA).exists():
        files.write_atomic(target / SCHEMA, files.to_json(schema_of_recipes()))
        new.append(target / SCHEMA)
    files.write_atomic(file, chosen.text())
    new.append(file)
    if (target / chosen.corpus).exists():
        read_recipe(str(file))
    return InitFacts(
        recipe=str(file),
        written=tuple(map(str, new)),
        chosen=answers.chosen,
        defaults=tuple(answers.defaults),
        commands=tuple(_commands(target, file, chosen)),
    )


def _passages(target: Path, corpus: str | None, documents: str | None, answers: _Answers) -> Path:
    if corpus and documents:
        raise InputError("--corpus and --from: give one of both.")
    if documents and not Path(documents).exists():
        raise InputError(f"--from {documents}: no such folder.")
    if documents and (target / CORPUS).exists():
        raise InputError(
            f"{target / CORPUS}: is there already, and --from would replace it; leave --from out."
        )
    if corpus and not Path(corpus).is_file():
        raise InputError(f"--corpus {corpus}: no such file.")
    found = Path(corpus) if corpus else target / CORPUS
    answers.chosen["passages"] = documents or str(found)
    return found


def _judged(target: Path) -> tuple[str, str] | None:
    there = (target / QUERIES).is_file() and (target / QRELS).is_file()
    return (QUERIES, QRELS) if there else None


def _language(said: str) -> str:
    if code := code_of(said):
        return code
    near = difflib.get_close_matches(said.lower(), [*STEMMERS, *STEMMERS.values()], 1)
    meant = f"; did you mean {near[0]}?" if near else ", such as en, fr, de or ja."
    raise InputError(f"--language {said}: no language's code of ISO 639-1{meant}")


def _base(said: str) -> str:
    if Path(said).expanduser().is_dir():
        return said
    if said.startswith((".", "/", "~")):
        raise InputError(f"--base {said}: no such folder.")
    if said.count("/") != 1:
        raise InputError(f"--base {said}: no folder of that name, and no hub id, which is OWNER/NAME.")
    return said


def _npus(given: list[str] | None, answers: _Answers) -> tuple[str, ...]:
    said = answers.take(
        "npu",
        None if given is None else " ".join(given),
        "NPUs of phones, such as SM8750 (none: every phone's CPU alone)",
        "none",
    )
    found = () if said in ("none", "") else tuple(re.split(r"[ ,]+", said.strip().upper()))
    if strange := [one for one in found if not re.fullmatch(SOC, one)]:
        raise InputError(f"--npu {strange[0]}: no system on a chip of Qualcomm's, such as SM8750.")
    return found


def _name(said: str) -> str:
    if _usable(said) != said:
        raise InputError(f"--name {said}: small letters, digits, - and _; {_usable(said)} would do.")
    return said


def _usable(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")[:63] or "app"


def _relative(file: Path, target: Path) -> str:
    return Path(os.path.relpath(file.resolve(), target.resolve())).as_posix()


def _commands(target: Path, file: Path, chosen: NewRecipe) -> list[str]:
    steps = [["check", str(file)], ["build", str(file)]]
    if (target / chosen.corpus).exists():
        steps.append(["search", f"android_assets/{chosen.name}", "a question of yours"])
    else:
        cut = ["chunk", str(target / DOCUMENTS), "--out", str(target / CORPUS), "--embedder", chosen.base]
        steps.insert(0, cut)
    return [shlex.join(["pocketrag", *words]) for words in steps]
