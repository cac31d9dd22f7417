"""What the path of headings in a passage's title is worth: BM25 and dense, with it and without.

    python bench/suite/heading_paths.py FOLDER_OF_MANUALS
    python bench/suite/heading_paths.py --beir FOLDER

Of manuals in HTML (Cargo's, as rustup installs them) each question is made: a command and one of its options,
answered by the passages of that command's page in which the option has its entry.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bs4 import BeautifulSoup
from pocketrag.ingest.chunk import chunk
from sentence_transformers import SentenceTransformer

from pocketrag.formats.data.beir import Passage, Qrels, Question, read_corpus, read_judged
from pocketrag.formats.embedder.embedder_folder import locate
from pocketrag.reference import metrics
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.ranking import dense_float_all

EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"


def manuals(folder: Path) -> tuple[list[Passage], list[Question], Qrels]:
    """Cut the manuals, and ask for every option of every command."""
    with tempfile.TemporaryDirectory() as made:
        chunk(str(folder), embedder=EMBEDDER, out=f"{made}/corpus.jsonl")
        passages = read_corpus(Path(made) / "corpus.jsonl")
    questions, qrels = list[Question](), Qrels()
    for file in sorted(folder.glob("*.html")):
        soup = BeautifulSoup(file.read_bytes(), "lxml")
        for term in soup.find_all("dt", class_="option-term") or soup.find_all("dt"):
            option = re.search(r"--[\w-]+", term.get_text())
            entry = " ".join(term.get_text().split())
            found = {
                p.id: 1
                for p in passages
                if p.metadata["source"] == file.name and entry in " ".join(p.text.split())
            }
            if option and found:
                id_ = f"{file.stem}{option[0]}"
                questions.append(Question(id_, f"{file.stem.replace('-', ' ', 1)} {option[0]}"))
                qrels[id_] = found
    return passages, questions, qrels


def main() -> None:
    """Print a line a kind of title."""
    if sys.argv[1] == "--beir":
        folder = Path(sys.argv[2])
        passages, questions, qrels = read_judged(
            folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
        )
    else:
        passages, questions, qrels = manuals(Path(sys.argv[1]))
    print(f"{len(passages)} passages, {len(questions)} questions")  # noqa: T201 - a script
    model = SentenceTransformer(str(locate(EMBEDDER)), device="cpu")
    asked = model.encode([q.text for q in questions], normalize_embeddings=True)
    kinds: dict[str, Callable[[Passage], str]] = {
        "path": lambda p: p.title,
        "last heading": lambda p: (p.metadata.get("headings") or [p.title])[-1],
        "none": lambda _: "",
    }
    for kind, title in kinds.items():
        cut = [replace(p, title=title(p)) for p in passages]
        texts = [f"{p.title}\n{p.text}".strip() for p in cut]
        vectors = model.encode(texts, normalize_embeddings=True, batch_size=16)
        dense = dense_float_all(asked, [q.id for q in questions], [p.id for p in cut], vectors)
        bm25, close = (
            metrics.means(metrics.score(run, qrels)).ndcg_10 for run in (full_text(cut, questions), dense)
        )
        line = f"{kind:13} nDCG@10 BM25 {bm25:.3f}, dense {close:.3f}"
        print(line, flush=True)  # noqa: T201 - a script


if __name__ == "__main__":
    main()
