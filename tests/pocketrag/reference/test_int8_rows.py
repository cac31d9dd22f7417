import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pocketrag.reference.int8_rows import quantize_rows

FLOATS = st.floats(-(2.0**99), 2.0**99, width=32)


@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=FLOATS))
def test_within_half_a_level_of_every_row(table):
    levels, scales = quantize_rows(table)
    assert levels.dtype == np.int8 and scales.shape == (len(table), 1) and scales.dtype == np.float32
    assert np.abs(levels.astype(int)).max(initial=0) <= 127
    wide = scales.astype(np.float64)
    error = np.abs(levels * wide - table)
    assert (error <= wide * 0.5001 + 1e-40).all()
    largest = np.abs(table).max(1)
    assert (np.abs(levels.astype(int)).max(1)[largest > 1e-30] == 127).all()
    assert not levels[largest == 0].any() and not scales[largest == 0].any()
