"""What is said of a recipe that names no judged questions, wherever somebody would look for them."""

from __future__ import annotations

from typing import Final

#: What is missing.
MISSING: Final = "no judged questions, so nobody measured how good the answers are"
#: How to get it. Forty is what `index` needs to choose how to search, and tells a loss of some points.
MEND: Final = (
    "write 40 or more as users ask them, each with the id of the passage that answers it, make queries.jsonl "
    "and qrels.tsv of them with `pocketrag import`, and name both in [data] (docs/corpus.md)"
)
