"""BM25 on the invented sets; with a folder in BEIR layout on its judged questions, and on the numbers that its passages hold."""

import re
import sys
from collections import defaultdict
from pathlib import Path

from pocketrag.formats.data.beir import Question, read_corpus, read_judged
from pocketrag.reference import metrics
from pocketrag.runtime.full_text import full_text
from pocketrag.runtime.words import count_words, stemmer, with_stems
from tests.pocketrag.runtime import languages

#: Numbers of three parts, 6.11.4.
NUMBER = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.\d{1,2}(?![\d]|\.\d)")


def judged(folder, words):
    """Return what BM25 gives for the judged questions of a folder."""
    passages, questions, qrels = read_judged(
        *(folder / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"))
    )
    scores = metrics.score(full_text(passages, questions, words), qrels)
    first, five = (int(sum(scores[name].values())) for name in ("hit@1", "hit@5"))
    return f"{len(questions)} questions: nDCG@10 {metrics.means(scores).ndcg_10:.4f}, hit@1 {first}, hit@5 {five}"


def numbered(passages, words, ask):
    """Return how often a passage that holds a number is found by it, of numbers that stand in one or two passages."""
    places = defaultdict(set)
    for p in passages:
        for number in NUMBER.findall(f"{p.title} {p.text}"):
            places[number].add(p.id)
    asked = [Question(number, ask.format(number)) for number, ids in sorted(places.items()) if len(ids) < 3]
    run = full_text(passages, asked, words)
    ranks = [next((n for n, (id_, _) in enumerate(run[q.id]) if id_ in places[q.id]), 100) for q in asked]
    found = f"hit@1 {ranks.count(0)}, hit@5 {sum(n < 5 for n in ranks)}, never {ranks.count(100)}"
    return f"{len(asked)} numbers: {found}"


def main(folder=None, language="en", ask="What does article {} say?"):
    """Print all of it."""
    if folder is None:
        for one in languages.SETS:
            print(one, "questions {}, hit@1 {}, nothing found {}".format(*languages.measure(one)))  # noqa: T201
        return
    passages = read_corpus(Path(folder) / "corpus.jsonl")
    for name, words in (("words", count_words(passages)), ("stems", with_stems(passages, stemmer(language)))):
        print(name, judged(Path(folder), words))  # noqa: T201
        print(name, numbered(passages, words, ask))  # noqa: T201


main(*sys.argv[1:])
