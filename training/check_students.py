"""The line of `check` about students: what they would learn from, and how long their teacher takes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from pocketrag.formats.data.no_questions import MISSING
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import passed, skipped
from pocketrag.recipe.base_model import prompts_of

from . import hardware
from .seen import Seen, unread
from .students.texts import ADVISED, Text, texts_of

#: Embedding speed on a CPU core, measured: EmbeddingGemma in float32, 3 840 French sentences of about 27
#: tokens with their prompt, on 2 quiet cores in 190 s; in proportion to the weights outside the vocabulary's
#: table, there 107 million.
TOKENS_A_SECOND = 270


def students(seen: Seen) -> Outcome:
    """Say which texts students learn from, and estimate how long the teacher needs for them.

    Raises:
        InputError: there are too few texts, or a language has no list of words.

    """
    recipe = seen.recipe
    if not recipe.taught:
        why = MISSING if not recipe.data.has_questions else "`ship.encoders` names none"
        return skipped(f"none is made: {why}")
    if seen.split is None:
        return unread()
    texts = texts_of(recipe, seen.split)
    kinds = ", ".join(f"{count} {kind}s" for kind, count in Counter(one.kind for one in texts).items())
    few = (
        f"; few: {ADVISED:,} do well, more questions do most (`data.unjudged`)"
        if len(texts) < ADVISED
        else ""
    )
    return passed(f"{', '.join(recipe.taught)}: {len(texts):,} texts ({kinds}){few}; {_time(seen, texts)}")


def _time(seen: Seen, texts: list[Text]) -> str:
    if seen.folder is None:
        return "for how long the teacher embeds them can't be told without the base model"
    prompt = len(prompts_of(seen.recipe).ask(""))
    tokens = sum(len(one.text) + prompt for one in texts) / hardware.CHARACTERS
    cores = os.cpu_count() or 1
    minutes = max(1.0, _minutes(seen.folder, tokens, cores))
    unit = "minute" if minutes < 1.5 else "minutes"
    return f"their teacher takes {minutes:,.0f} {unit} on {cores} CPU cores, once ({tokens:,.0f} tokens)"


def _minutes(folder: Path, tokens: float, cores: int) -> float:
    speed = TOKENS_A_SECOND * cores * hardware.WEIGHTS / hardware.encoder_weights(folder)
    return tokens / speed / 60
