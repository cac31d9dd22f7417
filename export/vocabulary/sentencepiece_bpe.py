"""A SentencePiece BPE model as plain data: its pieces, and the merges by which each piece comes about.

Why a vocabulary closed under these merges tokenizes as before: BPE always makes the best merge there is.
Inside the span of a token of the result every merge was the best of that span too, so the token came about
just as it does when it stands alone (`Pieces.closure`). If all pieces of that way are kept, each step of the
whole text's way is still there, and it is still the best, because leaving pieces out only takes merges away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from sentencepiece import sentencepiece_model_pb2

from pocketrag.errors import InputError

#: A generated class, which type checkers can't see.
ModelProto: Any = vars(sentencepiece_model_pb2)["ModelProto"]
NORMAL, UNKNOWN, CONTROL, USER, BYTE = 1, 2, 3, 4, 6
BPE = 2
#: Stands for a space inside pieces.
SPACE = "\u2581"
#: Under these settings text reaches the merges as it is, but for spaces; others would need another normalizer
#: in tokenizer.json.
PLAIN = {
    "add_dummy_prefix": False,
    "remove_extra_whitespaces": False,
    "escape_whitespaces": True,
    "precompiled_charsmap": b"",
}


@dataclass(frozen=True)
class Pieces:
    """The pieces by id."""

    names: tuple[str, ...]
    kinds: tuple[int, ...]
    """NORMAL, UNKNOWN, CONTROL, USER or BYTE (sentencepiece_model.proto)."""
    scores: tuple[float, ...]
    """A merge is made before another if its piece has the higher score."""
    _closures: dict[int, frozenset[int]] = field(default_factory=dict, repr=False)

    @cached_property
    def ids(self) -> dict[str, int]:
        """Piece -> id."""
        return {name: id_ for id_, name in enumerate(self.names)}

    @cached_property
    def _score(self) -> dict[str, float]:
        return {
            n: s for n, s, kind in zip(self.names, self.scores, self.kinds, strict=True) if kind == NORMAL
        }

    def of_kind(self, *kinds: int) -> set[int]:
        """Return the ids of these kinds."""
        return {id_ for id_, kind in enumerate(self.kinds) if kind in kinds}

    def closure(self, id_: int) -> frozenset[int]:
        """Return the piece and all pieces on its way from single characters.

        Empty where no text ever gives the piece.
        """
        if id_ not in self._closures:
            self._closures[id_] = frozenset(
                self._way(self.names[id_]) if self.kinds[id_] == NORMAL else [id_]
            )
        return self._closures[id_]

    def _way(self, name: str) -> list[int]:
        symbols, seen = list(name), [*name]
        while len(symbols) > 1:
            pairs = [
                (self._score.get(left + right), at) for at, (left, right) in enumerate(pairwise(symbols))
            ]
            # The best score; of equal ones the leftmost, as SentencePiece does it.
            best = max(((score, -at) for score, at in pairs if score is not None), default=None)
            if best is None:
                return []
            at = -best[1]
            symbols[at : at + 2] = [symbols[at] + symbols[at + 1]]
            seen.append(symbols[at])
        return [self.ids[piece] for piece in seen] if all(piece in self._score for piece in seen) else []


def read_proto(file: Path) -> Any:  # noqa: ANN401 - a generated protobuf class
    """Read a `tokenizer.model` whose merges can be followed.

    BPE with bytes to fall back to, no rewriting but of spaces.

    Raises:
        InputError: it is missing, damaged or of another kind.

    """
    model = ModelProto()
    try:
        model.ParseFromString(file.read_bytes())
    except OSError as error:
        raise InputError(
            f"{file}: {error.strerror or error}. Trimming needs the SentencePiece model."
        ) from None
    except Exception as error:  # protobuf's DecodeError is of another class in each of its implementations
        raise InputError(f"{file}: not a SentencePiece model ({error}). Download it again.") from None
    spec = model.trainer_spec
    odd = [name for name, value in PLAIN.items() if getattr(model.normalizer_spec, name) != value]
    if spec.model_type != BPE or not spec.byte_fallback or odd:
        raise InputError(
            f"{file}: only SentencePiece BPE with byte fallback and a plain normalizer can be "
            "trimmed, as Gemma's is."
        )
    return model


def pieces_of(model: Any) -> Pieces:  # noqa: ANN401
    """Return the pieces of a SentencePiece model."""
    rows = [(piece.piece, piece.type, piece.score) for piece in model.pieces]
    names, kinds, scores = zip(*rows, strict=True)
    return Pieces(names, kinds, scores)


def trimmed(model: Any, kept: list[int], special: set[int]) -> bytes:  # noqa: ANN401
    """Return the SentencePiece model with the pieces `kept` (old ids, rising) alone.

    `special` (old ids) match no text any more.
    """
    small = ModelProto()
    small.CopyFrom(model)
    del small.pieces[:]
    small.pieces.extend(model.pieces[id_] for id_ in kept)
    for new, old in enumerate(kept):
        if old in special and small.pieces[new].type == USER:
            small.pieces[new].type = CONTROL
    small.trainer_spec.vocab_size = len(kept)
    return bytes(small.SerializeToString(deterministic=True))
