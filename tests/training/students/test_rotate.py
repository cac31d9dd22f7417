"""The rotation before int8: the same student, stored better."""

import copy

import numpy as np
import torch
from pocketrag.training.students.rotate import rotate

from pocketrag.reference.static_student import StaticStudent, encode, rows_of

TEXTS = [[n, n + 1, n + 2] for n in range(1, 40)]


def lopsided():
    # Directions of falling length, as a regression's are.
    student = StaticStudent(rows_of(range(1, 45), 50), 64, 32, 48)
    with torch.no_grad():
        student.table *= torch.logspace(2, 0, 64)
        student.outer.normal_(generator=torch.Generator().manual_seed(1))
    return student.eval()


def in_int8(student):
    stored = copy.deepcopy(student)
    with torch.no_grad():
        scale = stored.table.abs().amax(1, keepdim=True).clamp(min=1e-12) / 127
        stored.table.copy_((stored.table / scale).round() * scale)
    return stored


def least(student, wanted):
    return float((encode(in_int8(student), TEXTS) * wanted).sum(1).min())


def test_it_computes_the_same_and_loses_less_in_int8():
    plain, turned = lopsided(), lopsided()
    rotate(turned)
    wanted = encode(plain, TEXTS)
    assert np.abs(encode(turned, TEXTS) - wanted).max() < 1e-5
    assert not torch.allclose(plain.table, turned.table)
    assert 1 - least(turned, wanted) < (1 - least(plain, wanted)) / 2
