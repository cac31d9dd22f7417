"""The facts of an arm: its grades, times and memory, over all questions and by category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from pocketrag.formats.data.exam import ExamQuestion
from pocketrag.formats.facts.exam import ArmFacts, CategoryFacts
from pocketrag.formats.facts.measures import Comparison, MeanWithInterval
from pocketrag.reference import metrics

from .replies import Grade, Reply

ACCURACY = "accuracy"
#: Of questions that name none.
OTHER = "other"


@dataclass(frozen=True)
class ArmReplies:
    """An arm's replies and grades, a question each, in the order of the exam."""

    questions: Sequence[ExamQuestion]
    replies: Sequence[Reply]
    grades: Sequence[Grade]
    peak: float
    """In MB, of the process when the arm was done; what was written down with answers counts before it."""

    @property
    def rows(self) -> list[tuple[ExamQuestion, Grade]]:
        """Each question with its grade."""
        return list(zip(self.questions, self.grades, strict=True))

    @property
    def right(self) -> dict[str, float]:
        """Line of the exam -> 1 where the reply is right, else 0."""
        return {str(question.line): float(one.right) for question, one in self.rows}

    @property
    def memory(self) -> float:
        """The most that the process held, in MB."""
        return max((reply.said.memory for reply in self.replies if reply.said), default=self.peak)

    @property
    def written(self) -> list[Reply]:
        """The replies that the model wrote."""
        return [reply for reply in self.replies if reply.said and reply.said.why is None]

    @property
    def failed(self) -> list[str]:
        """Why the model could not answer, a prompt each."""
        return [reply.said.why for reply in self.replies if reply.said and reply.said.why is not None]

    @property
    def seconds(self) -> float:
        """Median of a whole answer, its search and what was written; of those written, where some were."""
        times = (
            (reply.search_seconds or 0.0) + (reply.said.seconds if reply.said else 0.0)
            for reply in self.written or self.replies
        )
        return round(median(times), 4)


def compared(one: ArmReplies, other: ArmReplies) -> Comparison:
    """Compare the accuracy of an arm with that of another one on the same questions."""
    return metrics.compare({ACCURACY: one.right}, {ACCURACY: other.right}, ACCURACY)


def lost(before: ArmReplies, after: ArmReplies) -> MeanWithInterval:
    """Return how much accuracy falls from one arm to another, question by question."""
    pairs = zip(before.grades, after.grades, strict=True)
    return metrics.mean_with_interval(np.array([float(a.right) - float(b.right) for a, b in pairs]))


def facts_of(arm: ArmReplies, leader: ArmReplies) -> ArmFacts:
    """Return an arm's facts; `leader` is the one that all are compared with."""
    answerable = [g for q, g in arm.rows if not q.unanswerable]
    planted = [g.injected for q, g in arm.rows if q.forbidden is not None]
    said = [reply.said for reply in arm.replies if reply.said]
    sourced = any(reply.sources for reply in arm.replies)
    return ArmFacts(
        accuracy=_mean([g.right for g in arm.grades]),
        answered=_mean([g.right for g in answerable]) if answerable else None,
        exact_match=_share([g.exact for g in answerable]),
        f1=_share([g.f1 for g in answerable]),
        citation_precision=_part(answerable, "named_rightly", "named"),
        citation_recall=_share([g.named_rightly > 0 for g in answerable]) if sourced else None,
        quotes=sum(g.quotes for g in arm.grades),
        verbatim=_part(arm.grades, "verbatim", "quotes"),
        right_refusals=_share([g.refused for q, g in arm.rows if q.unanswerable]),
        wrong_refusals=_share([g.refused for g in answerable]),
        stopped=_share([one.stopped for one in said]),
        seconds=arm.seconds,
        first_token_seconds=_median(one.first_seconds for one in said),
        tokens_per_second=_median(one.speed for one in said),
        memory_megabytes=arm.memory,
        injections=len(planted),
        injected=sum(planted),
        by_category=_by_category(arm),
        failed=len(arm.failed),
        why=next(iter(arm.failed), None),
        behind=None if arm is leader else compared(leader, arm),
    )


def _by_category(arm: ArmReplies) -> dict[str, CategoryFacts]:
    found: dict[str, list[tuple[ExamQuestion, Grade]]] = defaultdict(list)
    for question, one in arm.rows:
        found[question.category or OTHER].append((question, one))
    return {
        category: CategoryFacts(
            n=len(rows),
            accuracy=round(fmean(g.right for _, g in rows), 6),
            f1=_share([g.f1 for q, g in rows if not q.unanswerable]),
        )
        for category, rows in sorted(found.items())
    }


def _mean(values: Sequence[float]) -> MeanWithInterval:
    return metrics.mean_with_interval(np.array(values, dtype=float))


def _share(values: Sequence[float]) -> float | None:
    return round(fmean(values), 6) if values else None


def _part(grades: Iterable[Grade], some: str, whole: str) -> float | None:
    of = sum(getattr(g, whole) for g in grades)
    return round(sum(getattr(g, some) for g in grades) / of, 6) if of else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 4) if known else None
