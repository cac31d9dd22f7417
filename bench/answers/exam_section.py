"""What a bundle's report says of its generator's exam: the arms side by side, and some answers to be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pocketrag.formats.facts.exam import ExamFacts, ExamSection, SampleAnswer
from pocketrag.sampling import spread

from .arms import PACKED

#: Questions whose answers are shown.
SAMPLES = 8


def exam_section(found: ExamFacts, answers: Path) -> ExamSection:
    """Return the section of an exam; `answers` is what the stage wrote, a question a line."""
    rows = [json.loads(line) for line in answers.read_text("utf-8").splitlines()]
    return ExamSection(
        file=found.packed.file,
        base=found.base,
        method=found.method,
        questions=found.questions,
        unanswerable=found.unanswerable,
        ships=found.ships,
        reason=found.reason,
        arms={name: arm.accuracy for name, arm in found.arms.items()},
        checks=found.checks,
        samples=tuple(_sample(row) for row in spread(rows, SAMPLES)),
    )


def _sample(row: Mapping[str, Any]) -> SampleAnswer:
    said = row["arms"][PACKED]
    return SampleAnswer(
        question=row["question"],
        category=row["category"],
        answers=tuple(row["answers"]),
        reply=said["reply"],
        outcome=said["outcome"],
        right=said["right"],
    )
