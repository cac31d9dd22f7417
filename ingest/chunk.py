"""`pocketrag chunk`: a folder of documents -> passages in BEIR layout, cut to the embedder's own tokens."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from pocketrag import interrupt
from pocketrag.console import progress, status
from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.embedder.embedder_folder import locate, read_embedder
from pocketrag.formats.facts.ingest import ChunkFacts
from pocketrag.formats.files import write_atomic
from pocketrag.formats.prompts import defaults
from pocketrag.formats.tokenizer import TokenizerSpec, load_tokenizer

from .charset import check_label, recoded
from .cutting import Ruler, passages
from .folder import MARKUP, READERS, TEXTS, Found, find_documents
from .readers.document import Skip
from .repeats import without_repeats

#: About 190 English words: a paragraph or two, and what all-MiniLM-L6-v2 takes (its `max_seq_length`).
TOKENS = 256
TOKENIZER = TokenizerSpec(kind="tokenizer.json", file="tokenizer.json")


@dataclass
class Corpus:
    """What came out of the files."""

    passages: list[Passage] = field(default_factory=list)
    files: int = 0
    bad: dict[str, str] = field(default_factory=dict)
    """Name -> why it can't be read."""
    blank: dict[str, list[int]] = field(default_factory=dict)
    """Name -> pages without text."""
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Name -> what of it could not be read."""


def chunk(
    folder: str,
    *,
    embedder: str = "sentence-transformers/all-MiniLM-L6-v2",
    tokens: int | None = None,
    overlap: int = 0,
    encoding: str | None = None,
    out: str = "corpus.jsonl",
    force: bool = False,
    skip_bad: bool = False,
) -> ChunkFacts:
    """Split the documents of a folder into passages and write them to `out`, one JSON object a line.

    Args:
        folder: its files of the suffixes in `folder.READERS` are read, also in its folders; or one such file.
        embedder: SentenceTransformer folder or hub id; its tokenizer counts, its prompts count along.
        tokens: most tokens of a passage as embedded, prompt and title included; by default `TOKENS` or what
            the embedder takes.
        overlap: tokens that a passage repeats of the one before, out of the same section.
        encoding: charset of texts that are neither Unicode nor say what they are in; others keep their own.
        out: the file to write; missing folders are made.
        force: replace `out`, as a whole.
        skip_bad: files that can't be read are no error.

    Raises:
        InputError: folder, embedder or a number is bad, `out` is there already, or no file can be read; the
            message names it. Or, once `out` is written, some files could not be read: it names them all.

    """
    check_label(encoding)
    target = _target(Path(out), Path(folder), force)
    found = find_documents(Path(folder))
    if not found.files:
        raise InputError(f"{folder}: holds no file that can be read; known are {', '.join(READERS)}.")
    ruler = _ruler(embedder, tokens, overlap)
    corpus = _read(found, ruler, encoding)
    if not corpus.passages:
        reasons = {name: reason for name, reason in found.skipped.items() if name in found.files}
        raise InputError(f"{folder}: no file holds text that can be read:{_listed(reasons | corpus.bad)}")
    corpus.passages, repeated = without_repeats(corpus.passages)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {out}: {error.strerror or error}.") from None
    write_atomic(target, "".join(_line(passage) for passage in corpus.passages))
    for name, reason in found.skipped.items():
        status(f"{name}: skipped, {reason}")
    for name, parts in corpus.missing.items():
        status("".join(f"{name}: not read: {part}\n" for part in parts).rstrip())
    _report_bad(corpus, out, skip_bad)
    found.skipped |= corpus.bad
    return _facts(out, embedder, corpus, ruler, found, repeated)


def _report_bad(corpus: Corpus, out: str, skip_bad: bool) -> None:
    """Name all files that could not be read, at once: each would else take a run of its own."""
    if not corpus.bad:
        return
    if skip_bad:
        for name, reason in corpus.bad.items():
            status(f"{name}: not read, {reason}")
        return
    raise InputError(
        f"{len(corpus.bad)} of {corpus.files + len(corpus.bad)} files can't be read; {out} holds the others. "
        f"Mend them and run again with --force, or leave them out with --skip-bad:{_listed(corpus.bad)}"
    )


def _listed(reasons: dict[str, str]) -> str:
    return "".join(f"\n  {name}: {reason}" for name, reason in sorted(reasons.items()))


def _target(out: Path, folder: Path, force: bool) -> Path:
    if out.is_dir():
        raise InputError(f"--out {out}: is a folder; name a file to write.")
    if out.exists() and not force:
        raise InputError(f"--out {out}: is there already; name another file, or replace it with --force.")
    if out.suffix.lower() in READERS and out.resolve().is_relative_to(folder.resolve()):
        raise InputError(
            f"--out {out}: lies in {folder} and would be read as one of its documents; name it .jsonl."
        )
    return out


def _ruler(embedder: str, tokens: int | None, overlap: int) -> Ruler:
    found = read_embedder(locate(embedder))
    if tokens is not None and tokens > found.max_tokens:
        raise InputError(
            f"--tokens {tokens}: {embedder} takes at most {found.max_tokens}; what is beyond "
            "would not be embedded."
        )
    limit = min(TOKENS, found.max_tokens) if tokens is None else tokens
    ruler = Ruler(load_tokenizer(found.folder, TOKENIZER), defaults(found.prompts), limit, overlap)
    ruler.check()
    return ruler


def _read(found: Found, ruler: Ruler, encoding: str | None) -> Corpus:
    corpus = Corpus()
    for name, file in progress(list(found.files.items()), "splitting"):
        interrupt.raise_if_interrupted()
        try:
            _add(name, file, ruler, corpus, encoding)
        except Skip as reason:
            found.skipped[name] = str(reason)
        except InputError as error:  # named at the end: the other files are not to wait for this one
            corpus.bad[name] = str(error).removeprefix(f"{file}: ")
        except OSError as error:
            corpus.bad[name] = str(error.strerror or error)
    return corpus


def _add(name: str, file: Path, ruler: Ruler, corpus: Corpus, encoding: str | None) -> None:
    suffix, data = file.suffix.lower(), file.read_bytes()
    if suffix in TEXTS and encoding:
        data = recoded(data, suffix in MARKUP, encoding)
    document = READERS[suffix](data, str(file))
    if not document.sections:
        raise Skip("; ".join(("holds no text", *document.missing)))
    corpus.passages += passages(name, document, ruler)
    corpus.files += 1
    if document.blank:
        corpus.blank[name] = list(document.blank)
    if document.missing:
        corpus.missing[name] = document.missing


def _line(passage: Passage) -> str:
    record = {"_id": passage.id, "title": passage.title, "text": passage.text, "metadata": passage.metadata}
    return json.dumps(record, ensure_ascii=False) + "\n"


def _facts(out: str, embedder: str, corpus: Corpus, ruler: Ruler, found: Found, repeated: int) -> ChunkFacts:
    sizes = [ruler.size(passage.title, passage.text) for passage in corpus.passages]
    return ChunkFacts(
        corpus=out,
        embedder=embedder,
        files=corpus.files,
        sections=len({passage.metadata["parent"] for passage in corpus.passages}),
        passages=len(sizes),
        repeated=repeated,
        tokens_limit=ruler.limit,
        tokens_median=statistics.median_low(sizes),
        tokens_max=max(sizes),
        skipped=dict(sorted(found.skipped.items())),
        pages_without_text={name: tuple(pages) for name, pages in corpus.blank.items()},
        missing=corpus.missing,
        hidden=found.hidden,
        unknown_suffix=dict(sorted(found.unknown.items())),
    )
