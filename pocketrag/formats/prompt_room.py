"""Does a prompt leave room for the question? A text that is too long loses its end, where that stands."""

from __future__ import annotations

from pocketrag.errors import InputError

from .tokenizer import Tokenize

#: Tokens that must be left: a question of ten words in most languages.
ROOM = 16


def need_room(
    key: str, query: str, tokenize: Tokenize, longest: int, lengths: str = "export.lengths"
) -> None:
    """Check that a query prompt leaves `ROOM` tokens of the longest length.

    Args:
        key: the recipe's, for the message.
        query: holds `{question}`.
        tokenize: the model's.
        longest: tokens of the longest length.
        lengths: the recipe's key of the lengths.

    Raises:
        InputError: it leaves fewer.

    """
    taken = len(tokenize(query.replace("{question}", "")))
    if longest - taken < ROOM:
        raise InputError(
            f"`{key}`: takes {taken} of the {longest} tokens of the longest length, so questions lose their "
            f"end; leave at least {ROOM}, by a shorter prompt or a longer one of `{lengths}`."
        )
