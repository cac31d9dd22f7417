"""The tokens of a student's texts: all of them, and those that a static student counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import Tokenize, TokenizerSpec, fit, load_pieces, load_tokenizer

#: How WordPiece and SentencePiece call what they don't know.
UNKNOWN = ("[UNK]", "<unk>")


@dataclass(frozen=True)
class StudentTokens:
    """The tokens of a student's texts."""

    vocabulary: int
    """Ids are below this."""
    nothing: frozenset[int]
    """Ids that say nothing: padding, special and unknown ones."""
    prompts: Prompts
    tokenize: Tokenize
    longest: int

    def whole(self, question: str) -> list[int]:
        """Return all tokens of a question, special ones included, as the app cuts it."""
        return self.cut(self.prompts.ask(question))

    def cut(self, prompted: str) -> list[int]:
        """Return the same of a question with its prompt."""
        return fit(self.tokenize(prompted), self.longest)

    def ids(self, question: str) -> list[int]:
        """Return those of them that say something."""
        return [id_ for id_ in self.whole(question) if id_ not in self.nothing]


def student_tokens(folder: Path, spec: TokenizerSpec, prompts: Prompts, longest: int) -> StudentTokens:
    """Return the tokens of a student whose tokenizer lies in `folder`; questions are cut at `longest`.

    Raises:
        InputError: the tokenizer can't be read.

    """
    tokenize, pieces = load_tokenizer(folder, spec), load_pieces(folder, spec)
    unknown = [id_ for id_, piece in enumerate(pieces) if piece in UNKNOWN]
    return StudentTokens(
        vocabulary=len(pieces),
        nothing=frozenset({spec.pad, *tokenize(""), *unknown}),
        prompts=prompts,
        tokenize=tokenize,
        longest=longest,
    )
