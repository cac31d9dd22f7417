"""How a model is spoken to: its chat template for LiteRT-LM, and the tokens that end an answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.generator.language_model import LanguageModel
from pocketrag.reference.float_language_model import load_tokenizer

from .assemble import Speech
from .template import rewritten

#: Stands for an answer, to see what a template puts behind it.
ANSWER = "ANSWER"


def speech_of(model: LanguageModel, max_tokens: int) -> Speech:
    """Return the template, proved on dialogues, and the stop tokens of a checked folder.

    Raises:
        InputError: the template fails or leaves out what is said, or ends answers with no token of its own.
        GateError: the rewritten template does not give what the original gives.

    """
    tokenizer = load_tokenizer(model.folder)

    def render(template: str, messages: Sequence[dict[str, Any]], begun: bool) -> str:
        given = list(messages)
        return str(
            tokenizer.apply_chat_template(
                given, chat_template=template, tokenize=False, add_generation_prompt=begun
            )
        )

    named = {
        name: str(token) for name, token in tokenizer.special_tokens_map.items() if isinstance(token, str)
    }
    try:
        template = rewritten(tokenizer.chat_template, named, render)
    except InputError as error:
        raise InputError(f"{model.folder}: {error}.") from None
    end = end_of_answer(model.folder, tokenizer)
    return Speech(template, tuple(sorted({*model.stops, end})), max_tokens, start_of(tokenizer))


def start_of(tokenizer: Any) -> int | None:  # noqa: ANN401 - a PreTrainedTokenizer
    """Return the start token where the template writes it, as transformers reads it, else None."""
    ids = tokenizer.apply_chat_template([{"role": "user", "content": "?"}], return_dict=True)["input_ids"]
    start = tokenizer.bos_token_id
    return int(start) if start is not None and ids and ids[0] == start else None


def end_of_answer(folder: Path, tokenizer: Any) -> int:  # noqa: ANN401
    """Return the token that the template puts behind an answer.

    Raises:
        InputError: what stands there is no token of its own, so that an answer would never stop.

    """
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": ANSWER}]
    behind = str(tokenizer.apply_chat_template(messages, tokenize=False)).rpartition(ANSWER)[2]
    ids = tokenizer(behind.lstrip(), add_special_tokens=False)["input_ids"]
    if not ids or ids[0] not in tokenizer.added_tokens_decoder:
        raise InputError(
            f"{folder}: its chat template ends an answer with {behind[:20]!r}, which is no token of its own: "
            "answers would not stop."
        )
    return int(ids[0])
