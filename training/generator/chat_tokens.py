"""Dialogues as tokens, and which of these are taught: the assistant's, with the token that ends its turn.

Few chat templates mark the assistant's part, so it is found by rendering a dialogue up to each answer, as the
app will, and once more with it: what is between is the answer. Where a template or a tokenizer does not add
up so, nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.generator.language_model import LanguageModel, read_language_model
from pocketrag.reference.float_language_model import load_tokenizer

#: A label that counts in no loss, as PyTorch has it.
IGNORED = -100


@dataclass(frozen=True)
class Tokens:
    """A dialogue as the model reads it."""

    ids: list[int]
    labels: list[int]
    """The ids of what is taught, `IGNORED` elsewhere."""

    @property
    def taught(self) -> int:
        """How many tokens count in the loss."""
        return sum(label != IGNORED for label in self.labels)


class Chat:
    """A model's chat template and tokenizer."""

    def __init__(self, folder: Path) -> None:
        """Read both.

        Raises:
            InputError: it is no folder of a language model that chats, or names no token that ends an answer.

        """
        self.model: LanguageModel = read_language_model(folder)
        self.tokenizer: Any = load_tokenizer(folder)
        ends = self.tokenizer.eos_token_id
        self.stops = self.model.stops | ({ends} if ends is not None else set())
        added = self.tokenizer.added_tokens_decoder
        self.markers = {id_: str(token.content) for id_, token in added.items() if token.special}
        if not self.stops:
            raise InputError(f"{folder}: names no eos_token, so no answer would ever end.")

    def tokens(self, where: str, turns: list[dict[str, str]]) -> Tokens:
        """Return a dialogue's tokens, of which the assistant's are taught.

        Args:
            where: names the dialogue in errors.
            turns: `role` and `content`, the latter a string.

        Raises:
            InputError: the template refuses or drops a turn, does not render a dialogue turn by turn, or ends
                answers with no token that stops; a turn holds a marker of the template's.

        """
        self._refuse_markers(where, turns)
        whole = self._ids(where, turns)
        labels = [IGNORED] * len(whole)
        for n, turn in enumerate(turns):
            if turn["role"] == "assistant":
                start, end = self._ids(where, turns[:n], True), self._ids(where, turns[: n + 1])
                if whole[: len(start)] != start or whole[: len(end)] != end:
                    raise InputError(
                        f"{where}: the base's chat template or tokenizer does not give the same tokens turn "
                        f"by turn (turn {n + 1}), so the assistant's can't be told; take another base."
                    )
                last = self._stop(where, whole, len(start), len(end))
                labels[len(start) : last] = whole[len(start) : last]
        return Tokens(whole, labels)

    def _stop(self, where: str, whole: list[int], start: int, end: int) -> int:
        # What a template writes behind the stop token is never generated.
        last = next((n for n in range(end, start, -1) if whole[n - 1] in self.stops), None)
        if last is None:
            raise InputError(
                f"{where}: the base's chat template ends an answer with none of its stop tokens, so a model "
                "would never learn to stop; mend eos_token_id in generation_config.json."
            )
        return last

    def _ids(self, where: str, turns: list[dict[str, str]], answer: bool = False) -> list[int]:
        from jinja2.exceptions import TemplateError

        try:
            text = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=answer)
        except TemplateError as error:
            raise InputError(f"{where}: the base's chat template refuses it: {error}") from None
        for turn in turns:
            if turn["content"].strip() not in text:
                raise InputError(f"{where}: the base's chat template drops the {turn['role']}'s turn.")
        # The template writes a start token itself, where there is one.
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _refuse_markers(self, where: str, turns: list[dict[str, str]]) -> None:
        for n, turn in enumerate(turns, start=1):
            ids = self.tokenizer(turn["content"], add_special_tokens=False)["input_ids"]
            if found := next((self.markers[id_] for id_ in ids if id_ in self.markers), None):
                raise InputError(f"{where}: turn {n} holds {found!r}, a marker of the base's own; remove it.")
