"""Fit a static student to the teacher's vectors of the same texts: a ridge, then the loss over the corpus."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization, remove_parametrizations

from pocketrag.console import progress
from pocketrag.reference.static_student import StaticStudent, pad

from .distill_loss import PASSAGES, loss_of
from .lesson import Lesson
from .ridge import fitted_rows
from .rotate import rotate
from .token_table import TokenTable, student_of, token_table


def train(lesson: Lesson) -> StaticStudent:
    """Return a student that started from a ridge and the teacher's vectors of single tokens, and has learned.

    Raises:
        InputError: memory is too small for the teacher.

    """
    table = token_table(lesson)
    rows, back = _narrow(fitted_rows(table, lesson.texts, lesson.taught), table, lesson.settings.rank)
    student = student_of(table, rows, back, lesson, lesson.settings.hidden)
    # A step of Adam moves all rows alike, so that common tokens would forget what the ridge says of them.
    weights = torch.from_numpy(table.weights / table.weights.mean())
    register_parametrization(student, "table", _Scaled(torch.cat([torch.ones(1), weights])[:, None]))
    fit(student, lesson)
    remove_parametrizations(student, "table")
    rotate(student)
    return student.eval()


class _Scaled(nn.Module):
    """A table whose rows are trained as multiples of fixed weights float32 [tokens, 1]."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = weights

    def forward(self, table: Tensor) -> Tensor:
        return table * self.weights

    def right_inverse(self, table: Tensor) -> Tensor:
        return table / self.weights


def _narrow(rows: np.ndarray, table: TokenTable, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows [tokens, rank] and the map back [rank, dims]: least squares where tokens are common.

    The first directions of the rows' second moment, each row counted as often as its token comes
    (Eckart & Young 1936).
    """
    often = rows * np.sqrt(table.probabilities)[:, None].astype(np.float32)
    _, directions = np.linalg.eigh((often.T @ often).astype(np.float64))
    kept = directions[:, ::-1][:, :rank].astype(np.float32)
    return rows @ kept, kept.T


def fit(student: StaticStudent, lesson: Lesson) -> None:
    """Train a student in place."""
    settings, texts = lesson.settings, lesson.texts
    chance = np.random.default_rng(settings.seed)
    optimizer = torch.optim.AdamW(student.parameters(), lr=settings.learning_rate, weight_decay=0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / settings.steps)
    wanted, corpus = torch.from_numpy(lesson.taught), torch.from_numpy(lesson.passages)
    for _ in progress(range(settings.steps), "Distilling"):
        chosen = chance.choice(len(texts), min(settings.batch_size, len(texts)), replace=False)
        some = chance.choice(len(corpus), min(PASSAGES, len(corpus)), replace=False)
        vectors = student(pad(student, [texts[n] for n in chosen]))
        loss = loss_of(vectors, wanted[chosen], corpus[some], settings.temperature)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
