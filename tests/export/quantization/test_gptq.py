"""GPTQ against rounding to the nearest level, on inputs of known covariance."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pocketrag.export.quantization.gptq import gptq

from pocketrag.recipe.quantization import Store
from pocketrag.reference.float_model import nearest


def layer(seed: int, rows: int = 40, columns: int = 96):
    torch.manual_seed(seed)
    weight = torch.randn(rows, columns) * 0.03
    inputs = torch.randn(500, columns) @ torch.randn(columns, columns) * 0.1 + torch.randn(500, columns) * 0.1
    return weight, inputs


def loss(weight, rounded, inputs):
    return float(((weight - rounded) @ inputs.T).square().mean() / (weight @ inputs.T).square().mean())


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([(4, 32), (4, 0), (8, 0), (4, 96)]))
def test_outputs_stay_nearer_than_with_plain_rounding(seed, kind):
    bits, block = kind
    weight, inputs = layer(seed)
    rounded, _ = gptq(weight, inputs.T @ inputs, bits, block)
    assert loss(weight, rounded, inputs) < 0.8 * loss(weight, nearest(weight, Store(bits, block)), inputs)


@pytest.mark.parametrize(("bits", "block"), [(4, 32), (8, 0)])
def test_every_weight_lies_on_its_blocks_grid(bits, block):
    weight, inputs = layer(1)
    rounded, scales = gptq(weight, inputs.T @ inputs, bits, block)
    size = block or weight.shape[1]
    levels = rounded.reshape(40, -1, size) / scales[..., None]
    assert scales.shape == (40, weight.shape[1] // size) and torch.equal(levels, levels.round())
    assert levels.min() >= -(2 ** (bits - 1)) and levels.max() <= 2 ** (bits - 1) - 1
    assert torch.equal(scales, scales.to(torch.bfloat16).float())


def test_inputs_that_never_fire_change_nothing():
    weight, inputs = layer(2)
    inputs[:, 10:20] = 0
    rounded, _ = gptq(weight, inputs.T @ inputs, 4, 32)
    assert torch.isfinite(rounded).all() and loss(weight, rounded, inputs) < 0.02
