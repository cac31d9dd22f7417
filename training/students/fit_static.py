"""Fit a static student to the teacher's vectors of the same texts.

The loss is the Kullback-Leibler divergence of two distributions over the corpus's own passages (softmax of
the teacher's and of the student's cosines, by a temperature), plus one less the cosine of both vectors:
EmbedDistill (https://arxiv.org/abs/2301.12005) and LEAF (https://arxiv.org/abs/2509.12539) do either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import kl_div, log_softmax

from pocketrag.console import progress
from pocketrag.recipe.students import Student
from pocketrag.reference.static_student import NOTHING, StaticStudent, pad
from pocketrag.reference.student_tokens import StudentTokens

#: Passages that a step compares with, drawn anew; all where there are fewer.
PASSAGES = 4096


def train(
    texts: Sequence[Sequence[int]],
    tokens: StudentTokens,
    taught: np.ndarray,
    passages: np.ndarray,
    settings: Student,
) -> StaticStudent:
    """Return a student that has learned; the arguments are those of `fit` and `start`."""
    student = start(texts, tokens, taught.shape[1], settings)
    fit(student, texts, taught, passages, settings)
    return student.eval()


def start(
    texts: Sequence[Sequence[int]], tokens: StudentTokens, dims: int, settings: Student
) -> StaticStudent:
    """Return a student that has learned nothing yet: a row for every token of the texts, and for no other."""
    seen = torch.tensor(sorted({id_ for ids in texts for id_ in ids}), dtype=torch.int64)
    rows = torch.full((tokens.vocabulary,), NOTHING)
    rows[seen] = torch.arange(1, len(seen) + 1)
    return StaticStudent(rows, settings.rank, settings.hidden, dims, settings.seed)


def fit(
    student: StaticStudent,
    texts: Sequence[Sequence[int]],
    taught: np.ndarray,
    passages: np.ndarray,
    settings: Student,
) -> None:
    """Train `student` in place.

    Args:
        student: as it starts.
        texts: token ids of n texts.
        taught: the teacher's vectors of them, float32 [n, dims], unit length.
        passages: the teacher's vectors of the corpus, float32 [passages, dims], unit length.
        settings: of the recipe.

    """
    chance = np.random.default_rng(settings.seed)
    optimizer = torch.optim.AdamW(student.parameters(), lr=settings.learning_rate, weight_decay=0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / settings.steps)
    wanted, corpus = torch.from_numpy(taught), torch.from_numpy(passages)
    for _ in progress(range(settings.steps), "Distilling"):
        chosen = chance.choice(len(texts), min(settings.batch_size, len(texts)), replace=False)
        some = chance.choice(len(corpus), min(PASSAGES, len(corpus)), replace=False)
        loss = loss_of(
            student(pad([texts[n] for n in chosen])), wanted[chosen], corpus[some], settings.temperature
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


def loss_of(vectors: Tensor, wanted: Tensor, passages: Tensor, temperature: float) -> Tensor:
    """Return the loss of vectors [n, dims] against the teacher's [n, dims], over passages [m, dims]."""
    ours = log_softmax(vectors @ passages.T / temperature, 1)
    theirs = log_softmax(wanted @ passages.T / temperature, 1)
    divergence = kl_div(ours, theirs, log_target=True, reduction="batchmean")
    return divergence + (1 - (vectors * wanted).sum(1)).mean()
