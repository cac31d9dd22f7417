"""What a generator is fed: hits with their sections or neighbours, within a budget of tokens.

Nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from pocketrag.formats.facts.search import Block

from .answer import Hit
from .database import Database, Row

#: Passages on each side of a hit that has no section.
NEIGHBOURS = 1

Count = Callable[[str], int]


def context(hits: Iterable[Hit], databases: dict[str, Database], count: Count, budget: int) -> list[Block]:
    """Return the hits and what stands around them, best first.

    Every hit comes first, as long as it fits; what is left of the budget goes to the rest of their sections,
    the best hit's first, what stands nearest to it first. A hit without a section has its neighbours of the
    same source.

    Args:
        hits: best first.
        databases: by the name of their corpus.
        count: text -> tokens.
        budget: tokens in all, of titles and texts.

    """
    wanted = [(hit.rank, hit.corpus, databases[hit.corpus].passage(hit.id)) for hit in hits]
    wanted += [(rank, corpus, row) for rank, corpus, own in wanted for row in _around(own, databases[corpus])]
    kept: dict[tuple[str, int], tuple[int, Row, int]] = {}
    for rank, corpus, row in wanted:
        tokens = count(f"{row['title']}\n{row['text']}") if (corpus, row["n"]) not in kept else budget + 1
        if tokens <= budget:
            budget -= tokens
            kept[corpus, row["n"]] = (rank, row, tokens)
    return sorted(_blocks(kept), key=lambda block: (block.rank, block.ids))


def _around(own: Row, database: Database) -> list[Row]:
    rows = database.section(own["parent"]) if own["parent"] is not None else []
    if len(rows) < 2:
        rows = database.neighbours(own, NEIGHBOURS)
    return sorted(rows, key=lambda row: (abs(row["n"] - own["n"]), row["n"]))


def _blocks(kept: dict[tuple[str, int], tuple[int, Row, int]]) -> Iterable[Block]:
    # Places that follow each other in one source have the same difference to their place in the row of all.
    rows = [(corpus, n, *entry) for (corpus, n), entry in sorted(kept.items())]
    numbered = list(enumerate(rows))
    for (corpus, source, _), group in groupby(
        numbered, key=lambda item: (item[1][0], item[1][3]["source"], item[1][1] - item[0])
    ):
        found = [row for _, row in group]
        texts = [row[3]["text"] for row in found]
        yield Block(
            rank=min(row[2] for row in found),
            corpus=corpus,
            source=source,
            title=found[0][3]["title"],
            text="\n\n".join(texts),
            ids=tuple(row[3]["id"] for row in found),
            tokens=sum(row[4] for row in found),
        )
