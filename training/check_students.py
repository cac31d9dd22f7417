"""The line of `check` about students: what they would learn from, and how long their teacher takes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from pocketrag.errors import InputError
from pocketrag.formats.data.no_questions import MISSING
from pocketrag.formats.embedder.embedder_folder import Embedder, read_embedder
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import FAIL, passed, skipped
from pocketrag.pipeline.project import Project
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.student_start import need_start, start_key
from pocketrag.recipe.students import LayersStudent, ModelStudent, NetworkStudent

from . import hardware
from .check_embedder import on_the_hub, without_download
from .check_student_settings import megabytes, remarks
from .seen import Seen, unread
from .students.choose_layers import need_layers
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
        InputError: there are too few texts, a language has no list of words, the full model lacks layers,
            or a start can be no student.

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
            said += [_training(seen, name, student, texts), *remarks(name, student)]
    return passed("; ".join(said))


def refuse_students(project: Project, names: Sequence[str]) -> None:
    """Refuse students that can't be made of their start, before their teacher takes its time.

    Raises:
        InputError: the full model lacks layers or tokens, or a start can be no student.

    """
    for name in names:
        student = project.recipe.students[name]
        if isinstance(student, LayersStudent):
            need_layers(name, student, read_embedder(project.base))
        project.start_of(name)


def _training(seen: Seen, name: str, student: NetworkStudent, texts: list[Text]) -> str:
    """Say how often a small transformer sees each text, and for how long it is trained.

    Raises:
        InputError: the full model lacks layers or tokens, or its start can be no student.

    """
    passes = student.steps * student.batch_size / len(texts)
    said = f"{name} sees each text {passes:,.1f} times"
    if passes > MOST_PASSES:
        said += (
            f", more than {MOST_PASSES} times: too few texts for {student.steps:,} steps. Add texts "
            "(`data.unjudged`, `teacher.sentences`), or lower `steps`"
        )
    start = _start(seen, name, student)
    if start is None:
        return f"{said}; {_on_the_hub(name, student)}" if isinstance(student, ModelStudent) else said
    weights = _weights(name, student, start)
    size = f"its file takes about {megabytes(seen.recipe, student, weights, start):,.0f} MB"
    tokens = sum(min(student.lengths[-1], len(one.text) / hardware.CHARACTERS + 2) for one in texts) * passes
    cores, faster = os.cpu_count() or 1, 1.0
    if hardware.has_bfloat16():
        faster = hardware.TOKENS_A_SECOND["bfloat16"] / hardware.TOKENS_A_SECOND["float32"]
    minutes = _spelt(_minutes(weights, tokens * BACK / faster, cores))
    on_gpu = "" if hardware.gpu_memory() is None else ", a fraction of that on the GPU"
    return f"{said}; its training takes about {minutes} on {cores} CPU cores{on_gpu}; {size}"


def _start(seen: Seen, name: str, student: NetworkStudent) -> Embedder | None:
    """Return what a student starts from; None where that can't be known without a download."""
    if isinstance(student, ModelStudent):
        start = without_download(student.start, student.revision, start_key(name))
        return None if start is None else need_start(name, student, start)
    return None if seen.folder is None else read_embedder(seen.folder)


def _weights(name: str, student: NetworkStudent, start: Embedder) -> float:
    """Return a student's weights outside its table."""
    all_ = hardware.encoder_weights(start.folder)
    if not isinstance(student, LayersStudent):
        return all_
    return all_ * len(need_layers(name, student, start)) / int(start.config["num_hidden_layers"])


def _on_the_hub(name: str, student: ModelStudent) -> str:
    found = on_the_hub(student.start, "name a folder")
    said = f"{start_key(name)}: {found.detail}"
    if found.outcome == FAIL:
        raise InputError(said)
    return said


def _spelt(minutes: float) -> str:
    return "1 minute" if minutes < 1.5 else f"{minutes:,.0f} minutes"


def _time(seen: Seen, texts: list[Text]) -> str:
    if seen.folder is None:
        return "for how long the teacher embeds them can't be told without the base model"
    prompt = len(prompts_of(seen.recipe).ask(""))
    tokens = sum(len(one.text) + prompt for one in texts) / hardware.CHARACTERS
    cores = os.cpu_count() or 1
    minutes = _spelt(_minutes(hardware.encoder_weights(seen.folder), tokens, cores))
    return f"their teacher takes {minutes} on {cores} CPU cores, once ({tokens:,.0f} tokens)"


def _minutes(weights: float, tokens: float, cores: int) -> float:
    speed = TOKENS_A_SECOND * cores * hardware.WEIGHTS / weights
    return tokens / speed / 60
