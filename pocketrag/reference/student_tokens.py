"""Which tokens a static student counts: all of its text but padding, special and unknown ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import Tokenize, fit, load_pieces, load_tokenizer

#: How WordPiece and SentencePiece call what they don't know.
UNKNOWN = ("[UNK]", "<unk>")


@dataclass(frozen=True)
class StudentTokens:
    """The tokens of a student's texts."""

    vocabulary: int
    """Ids are below this."""
    nothing: frozenset[int]
    """Ids that never count."""
    prompts: Prompts
    _tokenize: Tokenize
    _longest: int

    def ids(self, question: str) -> list[int]:
        """Return the tokens of a question that count, as the app cuts it."""
        ids = fit(self._tokenize(self.prompts.ask(question)), self._longest)
        return [id_ for id_ in ids if id_ not in self.nothing]


def student_tokens(folder: Path, spec: EmbedderSpec, query: str) -> StudentTokens:
    """Return the tokens of a student that shares the tokenizer of the model in `folder`.

    Raises:
        InputError: the tokenizer can't be read.

    """
    tokenize, pieces = load_tokenizer(folder, spec.tokenizer), load_pieces(folder, spec.tokenizer)
    unknown = [id_ for id_, piece in enumerate(pieces) if piece in UNKNOWN]
    return StudentTokens(
        vocabulary=len(pieces),
        nothing=frozenset({0, *tokenize(""), *unknown}),
        prompts=spec.prompts.model_copy(update={"query": query}),
        _tokenize=tokenize,
        _longest=spec.lengths[-1],
    )
