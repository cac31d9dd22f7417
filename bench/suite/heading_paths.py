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

import numpy as np
from bs4 import BeautifulSoup
from pocketrag.ingest.chunk import chunk
from sentence_transformers import SentenceTransformer

from pocketrag.formats.data.beir import Passage, Qrels, Question, read_corpus, read_judged
from pocketrag.formats.embedder.embedder_folder import locate
from pocketrag.runtime.full_text import full_text

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


def ndcg(run: dict[str, list[str]], qrels: Qrels) -> float:
    """Return the mean nDCG@10."""
    gains = []
    for id_, judged in qrels.items():
        ranked = [judged.get(passage, 0) / np.log2(n + 2) for n, passage in enumerate(run[id_][:10])]
        ideal = [g / np.log2(n + 2) for n, g in enumerate(sorted(judged.values(), reverse=True)[:10])]
        gains.append(sum(ranked) / sum(ideal))
    return float(np.mean(gains))


def main() -> None:
    """Print a line a kind of title."""
    if sys.argv[1] == "--beir":
        folder = Path(sys.argv[2])
        passages, questions, qrels = read_judged(
            folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
        )
    else:
        passages, questions, qrels = manuals(Path(sys.argv[1]))
    qrels = {q.id: qrels[q.id] for q in questions if q.id in qrels}
    questions = [q for q in questions if q.id in qrels]
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
        bm25 = {id_: [hit[0] for hit in hits] for id_, hits in full_text(cut, questions).items()}
        texts = [f"{p.title}\n{p.text}".strip() for p in cut]
        scores = asked @ model.encode(texts, normalize_embeddings=True, batch_size=16).T
        order = np.argsort(-scores, axis=1)[:, :10]
        dense = {q.id: [cut[n].id for n in row] for q, row in zip(questions, order, strict=True)}
        line = f"{kind:13} nDCG@10 BM25 {ndcg(bm25, qrels):.3f}, dense {ndcg(dense, qrels):.3f}"
        print(line, flush=True)  # noqa: T201 - a script


if __name__ == "__main__":
    main()
