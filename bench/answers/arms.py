"""The arms of the ablation: which model answers, with or without the prompt's template and the passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from pocketrag.recipe.generator import GeneratorPrompt
from pocketrag.runtime.generator.plain import line, plain
from pocketrag.runtime.generator.prompt import Passage, messages

BASE, TUNED = "base", "tuned"
#: The float model through the answering code of `ask`, what ships, and what is shown without a generator.
FLOAT, PACKED, QUOTES = "float", "packed", "quotes"


@dataclass(frozen=True)
class Arm:
    """One way of asking a float model."""

    model: str
    prompt: bool
    """By the recipe's template; else the bare question."""
    passages: bool

    @property
    def name(self) -> str:
        """As in the facts: `tuned+prompt+passages`."""
        return self.model + "+prompt" * self.prompt + "+passages" * self.passages

    def messages(
        self, prompt: GeneratorPrompt, question: str, passages: Sequence[Passage]
    ) -> list[dict[str, str]]:
        """Return what the model is asked; without the template passages and question are merely joined."""
        shown = passages if self.passages else ()
        if self.prompt:
            return messages(prompt, question, shown)
        parts = [f"{line(title)}\n{plain(text)}".strip("\n") for title, text in shown]
        return [{"role": "user", "content": "\n\n".join([*parts, line(question)])}]


def arms_of(model: str) -> tuple[Arm, ...]:
    """Return a model's arms, those with the longest prompts last: memory that was taken once stays."""
    return tuple(Arm(model, prompt, passages) for passages, prompt in product((False, True), repeat=2))


def examined(model: str) -> Arm:
    """Return the arm that answers as the app does."""
    return Arm(model, prompt=True, passages=True)
