"""The pieces of a `tokenizer.json` that can be trimmed: Unigram, and BPE over bytes.

Why a text whose tokens are all kept is tokenized as before:
- BPE, as in `sentencepiece_bpe`: with each token all tokens on its way from bytes are kept.
- Unigram takes the likeliest way to spell a word. Leaving pieces out only takes ways away, and never the
  best one. What is unknown costs 10 more than the least likely piece: that piece is kept too
  (`least_likely`), or the price would change.

What is not kept falls back to the bytes of a text, or to the single characters of Unigram's pieces; a
character that is in no kept piece is `<unk>`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.embedder.app_tokenizer_json import byte_letters, json_lacks
from pocketrag.formats.tokenizer import whole_tokenizer

from .sentencepiece_bpe import BYTE, CONTROL, NORMAL, UNKNOWN, Pieces

Json = dict[str, Any]


@dataclass(frozen=True)
class JsonPieces(Pieces):
    """Of a `tokenizer.json`: the added tokens too, which are kept all."""

    added: frozenset[int] = frozenset()
    ranks: dict[tuple[str, str], int] | None = field(default=None, repr=False)
    """Two pieces that are merged -> which of the merges it is; None for Unigram, which has scores."""

    def _way(self, name: str) -> list[int]:
        # Unigram: what it falls back to.
        if self.ranks is None:
            return [*(self.ids[one] for one in name if one in self.ids), self.ids[name]]
        symbols, seen = list(name), [*name]
        while len(symbols) > 1:
            pairs = [(self.ranks.get(pair), at) for at, pair in enumerate(pairwise(symbols))]
            best = min(((rank, at) for rank, at in pairs if rank is not None), default=None)
            if best is None:
                return []
            symbols[best[1] : best[1] + 2] = ["".join(symbols[best[1] : best[1] + 2])]
            seen.append(symbols[best[1]])
        return [self.ids[piece] for piece in seen]


def json_pieces(file: Path, whole: Json) -> JsonPieces:
    """Return the pieces of a parsed `tokenizer.json`, by id.

    Raises:
        InputError: it is of another kind, or the app would not read it.

    """
    model = whole["model"]
    if model["type"] not in READERS:
        raise InputError(
            f"{file}: a {model['type']} vocabulary can't be trimmed, only Unigram's and byte-level BPE's; "
            "remove [trim]."
        )
    if missing := list(json_lacks(whole)):
        raise InputError(f"{file}: can't be trimmed, the app's runtime lacks {', '.join(missing)}.")
    return READERS[model["type"]](model, {token["content"]: token["id"] for token in whole["added_tokens"]})


def _unigram(model: Json, added: dict[str, int]) -> JsonPieces:
    names = _with_added([name for name, _ in model["vocab"]], added)
    scores = [score for _, score in model["vocab"]]
    kinds = [CONTROL if name in added else NORMAL for name in names]
    kinds[model["unk_id"]] = UNKNOWN
    scores += [0.0] * (len(names) - len(scores))
    return JsonPieces(tuple(names), tuple(kinds), tuple(scores), added=frozenset(map(names.index, added)))


def _byte_level(model: Json, added: dict[str, int]) -> JsonPieces:
    names = _with_added(sorted(model["vocab"], key=model["vocab"].__getitem__), added)
    bytes_ = frozenset(byte_letters())
    kinds = [CONTROL if name in added else BYTE if name in bytes_ else NORMAL for name in names]
    ranks = {merged: rank for rank, merged in enumerate(map(_pair, model["merges"]))}
    return JsonPieces(
        tuple(names), tuple(kinds), (0.0,) * len(names), added=frozenset(map(names.index, added)), ranks=ranks
    )


def _with_added(names: list[str], added: dict[str, int]) -> list[str]:
    there = set(names)
    return names + [name for name in added if name not in there]


def _pair(merge: Any) -> tuple[str, str]:  # noqa: ANN401 - one string, or a list of two
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    return left, right


READERS: dict[str, Callable[[Json, dict[str, int]], JsonPieces]] = {
    "Unigram": _unigram,
    "BPE": _byte_level,
}


def least_likely(pieces: JsonPieces) -> list[int]:
    """Return the id of Unigram's least likely piece, by which the price of the unknown is set."""
    if pieces.ranks is not None:
        return []
    return [min(range(len(pieces.scores)), key=pieces.scores.__getitem__)]


def encoder(file: Path) -> Callable[[list[str]], list[list[int]]]:
    """Return texts -> ids, without special tokens around."""
    tokenizer = whole_tokenizer(file)
    return lambda texts: [row.ids for row in tokenizer.encode_batch(texts, add_special_tokens=False)]


def trimmed_json(whole: Json, new: dict[str, int], special: set[str]) -> Json:
    """Return a `tokenizer.json` with the pieces of `new` (piece -> id) alone; added tokens stay added."""
    model = dict(whole["model"])
    if model["type"] == "Unigram":
        unknown = model["vocab"][model["unk_id"]][0]
        model |= {"vocab": [row for row in model["vocab"] if row[0] in new], "unk_id": new[unknown]}
    else:
        model["vocab"] = {name: new[name] for name in model["vocab"] if name in new}
        pairs = [list(_pair(merge)) for merge in model["merges"]]
        model["merges"] = [
            pair for pair in pairs if pair[0] in new and pair[1] in new and "".join(pair) in new
        ]
    added = [{**token, "id": new[token["content"]]} for token in whole["added_tokens"]]
    return {
        **whole,
        "added_tokens": added,
        "post_processor": _around(whole["post_processor"], new),
        "model": model,
    }


def _around(processor: Json | None, new: dict[str, int]) -> Json | None:
    if processor is None:
        return None
    changed = dict(processor)
    if "processors" in processor:
        changed["processors"] = [_around(step, new) for step in processor["processors"]]
    changed |= {
        key: [processor[key][0], new[processor[key][0]]] for key in ("cls", "sep") if key in processor
    }
    if "special_tokens" in processor:
        changed["special_tokens"] = {
            name: {**token, "ids": [new[piece] for piece in token["tokens"]]}
            for name, token in processor["special_tokens"].items()
        }
    return changed
