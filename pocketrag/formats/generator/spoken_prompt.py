"""Whether a language model can be asked by a recipe's prompt: none of its markers in it, and room enough."""

from __future__ import annotations

from pocketrag.errors import InputError

from .. import files
from .language_model import LanguageModel
from .prompt_templates import GeneratorPrompt

KEY = "generator.prompt"


def check_prompt(model: LanguageModel, prompt: GeneratorPrompt, room: int) -> None:
    """Check the templates of a recipe against the model that they are for.

    Args:
        model: the base.
        prompt: the templates.
        room: tokens that the model takes before an answer.

    Raises:
        InputError: a template holds a marker of the model's own, or leaves no room for any passage.

    """
    from tokenizers import Tokenizer

    texts = {name: str(getattr(prompt, name)) for name in GeneratorPrompt.model_fields}
    for name, text in texts.items():
        if found := next((one for one in _markers(model) if one in text), None):
            raise InputError(
                f"`{KEY}.{name}` holds {found!r}, a marker of the base's own, which ends or begins a turn; "
                "remove it: the base's chat template writes it where it belongs."
            )
    tokenizer = Tokenizer.from_file(str(model.folder / "tokenizer.json"))
    tokens = sum(len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts.values())
    if tokens > room:
        raise InputError(
            f"`{KEY}` has {tokens} tokens, and the model takes {room} before an answer (`max_tokens` less "
            "`answer_tokens`): shorten it, or raise `generator.max_tokens`."
        )


def _markers(model: LanguageModel) -> list[str]:
    # https://huggingface.co/docs/tokenizers/api/added-tokens: `special` ones are control tokens.
    rows = files.read_json(model.folder / "tokenizer.json").get("added_tokens") or []
    return [str(row["content"]) for row in rows if row.get("special") and row.get("content")]
