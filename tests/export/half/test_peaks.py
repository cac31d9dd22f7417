"""What is seen of an encoder's arithmetic: every operation, with the module that it belongs to."""

import math

import pytest
import torch
from pocketrag.export.half.peaks import Peaks, measure, padded
from pocketrag.export.model.encoder import Encoder

from pocketrag.formats.embedder.embedder_folder import read_embedder

LENGTHS = (8, 16)


@pytest.fixture(scope="module")
def encoder(tiny_bert):
    return Encoder(read_embedder(tiny_bert), 16).eval()


def test_measuring_changes_no_vector_and_leaves_nothing_behind(encoder):
    rows = [[2, 9, 3], [2, *range(5, 14), 3]]
    peaks, found = measure(encoder, rows, LENGTHS, "Measuring")
    with torch.no_grad():
        wanted = torch.cat([encoder(padded(encoder, row, LENGTHS)) for row in rows])
    assert torch.equal(found, wanted)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in encoder.modules())
    assert peaks.largest == pytest.approx(1e4, rel=0.01) and peaks.where.startswith("transformer")  # the mask
    assert peaks.modules["transformer.layers.1.norm"].given_length > 0 < peaks.least_mean_square


def test_modules_are_given_what_passes_them(encoder):
    ids = padded(encoder, [2, 9, 3], LENGTHS)
    seen = {}
    layer = encoder.transformer.layers[0]
    hook = layer.attention_norm.register_forward_hook(lambda _, given, made: seen.update(x=given[0], y=made))
    peaks, _ = measure(encoder, [[2, 9, 3]], LENGTHS, "Measuring")
    hook.remove()
    passed, x = peaks.modules["transformer.layers.0.attention_norm"], seen["x"]
    assert ids.shape == (1, 8) and passed.given == float(x.abs().max())
    lengths = (x - x.mean(-1, keepdim=True)).norm(dim=-1)
    assert passed.given_length == pytest.approx(float(lengths.max()))
    assert passed.given_mean_square == pytest.approx(float(lengths.min()) ** 2 / 32)
    assert torch.equal(passed.made_each, seen["y"].abs().amax(0))


def test_what_is_no_number_is_the_largest_of_all():
    peaks = Peaks()
    for size, where in ((3.0, "a"), (math.nan, "b"), (1e9, "c")):
        peaks.see(size, where)
    assert math.isnan(peaks.largest) and peaks.where == "b"
