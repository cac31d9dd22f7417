"""What the model reads: the recipe's templates, filled with passages and a question as text.

`PromptText.kt` does the same for the app, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import Formatter

from pocketrag.recipe.generator import GeneratorPrompt

from .plain import line, plain

#: (title, text).
Passage = tuple[str, str]
#: An empty title leaves a space.
_TRAILING = re.compile("(?<! ) +(?=\n)")


def messages(prompt: GeneratorPrompt, question: str, passages: Sequence[Passage]) -> list[dict[str, str]]:
    """Return the system's and the user's turn, as `role` and `content`.

    Each value goes in once and as text: braces in it are no fields, and what would be a marker of the model's
    chat template is none (`plain`).

    Args:
        prompt: the templates.
        question: any text.
        passages: (title, text), best first; they are numbered from 1.

    """
    numbered = [
        filled(prompt.passage, {"number": str(n), "title": line(title), "text": plain(text)})
        for n, (title, text) in enumerate(passages, start=1)
    ]
    user = filled(prompt.user, {"passages": "\n\n".join(numbered), "question": line(question)})
    system = filled(prompt.system, {"refusal": prompt.refusal})
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def filled(template: str, values: dict[str, str]) -> str:
    """Return a template with each field's value put in once, as text; an empty one leaves no space."""
    parts = (text + (values[name] if name else "") for text, name, _, _ in Formatter().parse(template))
    return _TRAILING.sub("", "".join(parts))
