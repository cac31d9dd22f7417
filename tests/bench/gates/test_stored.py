"""Stored vectors against their passages, in blocks and by a sample: the same figures as at once."""

import numpy as np
import pytest
from pocketrag.bench.gates import stored
from pocketrag.bench.gates.examined import Examined


@pytest.mark.parametrize("block", [1, 7, 256])
def test_blocks_give_what_one_matrix_gives(monkeypatch, block):
    monkeypatch.setattr(stored, "BLOCK", block)
    rows = stored.unit(np.random.default_rng(0).integers(-127, 128, (40, 16)).astype(np.int8))
    chosen = [3, 0, 39, *range(10, 25)]
    again = rows[chosen] + np.random.default_rng(1).normal(0, 0.1, (len(chosen), 16)).astype(np.float32)
    own, behind = stored._compare(again, rows, chosen)
    whole = again @ rows.T
    assert np.allclose(own, [whole[i, c] for i, c in enumerate(chosen)], atol=1e-6)
    assert np.allclose(behind, whole.max(axis=1) - own, atol=1e-6)


def test_above_a_stated_size_a_stated_sample_is_embedded_again(tiny_bundle, monkeypatch):
    examined = Examined(tiny_bundle)
    whole = stored.passages(examined.opened)
    assert whole.outcome == "pass" and whole.detail.endswith("70 passages")
    monkeypatch.setattr(stored, "MOST", 20)
    sample = stored.passages(examined.opened)
    assert sample.outcome == "pass" and sample.detail.endswith("20 passages evenly spread of 70")
    examined.close()
