"""The line of `check` about students: what they would learn from, and how long their teacher takes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from pocketrag.formats.data.no_questions import MISSING
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import passed, skipped
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.students import NetworkStudent

from . import hardware
from .seen import Seen, unread
from .students.choose_layers import chosen_layers
from .students.texts import ADVISED, Text, texts_of

#: Embedding speed on a CPU core, measured: EmbeddingGemma in float32, 3 840 French sentences of about 27
#: tokens with their prompt, on 2 quiet cores in 190 s; in proportion to the weights outside the vocabulary's
#: table, there 107 million.
TOKENS_A_SECOND = 270
#: A training step in units of embedding the same texts: forward once, and twice that back.
BACK = 3
#: A text that is seen more often than this is known by heart rather than learned from (assumed: the longest
#: run so far saw each 4 times and was still rising).
MOST_PASSES = 20


def students(seen: Seen) -> Outcome:
    """Say which texts students learn from, and estimate how long the teacher needs for them.

    Raises:
        InputError: there are too few texts, a language has no list of words, or the full model lacks layers.

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
    said = [f"{', '.join(recipe.taught)}: {len(texts):,} texts ({kinds}){few}", _time(seen, texts)]
    students = {name: recipe.students[name] for name in recipe.taught}
    for name, student in students.items():
        if isinstance(student, NetworkStudent):
            said.append(_training(seen, name, student, texts))
    return passed("; ".join(said))


def _training(seen: Seen, name: str, student: NetworkStudent, texts: list[Text]) -> str:
    """Say how often a small transformer sees each text, and for how long it is trained.

    Raises:
        InputError: the full model has no such layers.

    """
    passes = student.steps * student.batch_size / len(texts)
    said = f"{name} sees each text {passes:,.1f} times"
    if passes > MOST_PASSES:
        said += (
            f", more than {MOST_PASSES} times: too few texts for {student.steps:,} steps. Add texts "
            "(`data.unjudged`, `teacher.sentences`), or lower `steps`"
        )
    if seen.folder is None:
        return said
    full = read_embedder(seen.folder)
    layers = chosen_layers(full, student.layers, f"students.{name}.layers")
    share = len(layers) / int(full.config["num_hidden_layers"])
    tokens = sum(min(student.lengths[-1], len(one.text) / hardware.CHARACTERS + 2) for one in texts) * passes
    cores, faster = os.cpu_count() or 1, 1.0
    if hardware.has_bfloat16():
        faster = hardware.TOKENS_A_SECOND["bfloat16"] / hardware.TOKENS_A_SECOND["float32"]
    minutes = _spelt(_minutes(seen.folder, tokens * share * BACK / faster, cores))
    on_gpu = "" if hardware.gpu_memory() is None else ", a fraction of that on the GPU"
    return f"{said}; its training takes about {minutes} on {cores} CPU cores{on_gpu}"


def _spelt(minutes: float) -> str:
    return "1 minute" if minutes < 1.5 else f"{minutes:,.0f} minutes"


def _time(seen: Seen, texts: list[Text]) -> str:
    if seen.folder is None:
        return "for how long the teacher embeds them can't be told without the base model"
    prompt = len(prompts_of(seen.recipe).ask(""))
    tokens = sum(len(one.text) + prompt for one in texts) / hardware.CHARACTERS
    cores = os.cpu_count() or 1
    minutes = _spelt(_minutes(seen.folder, tokens, cores))
    return f"their teacher takes {minutes} on {cores} CPU cores, once ({tokens:,.0f} tokens)"


def _minutes(folder: Path, tokens: float, cores: int) -> float:
    speed = TOKENS_A_SECOND * cores * hardware.WEIGHTS / hardware.encoder_weights(folder)
    return tokens / speed / 60
