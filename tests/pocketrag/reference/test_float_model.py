"""The float embedder gives what the app computes, whatever its folder says of how texts are batched."""

import json
import shutil

import numpy as np

from pocketrag.reference import float_model

#: Of several lengths, and one that is cut.
TEXTS = [
    "king",
    "the king moves when the clock falls on the board",
    "the queen waits",
    "rook " + "pawn " * 80,
]


def test_texts_are_padded_and_cut_at_their_end_as_the_app_does(tiny_bert, tmp_path):
    folder = shutil.copytree(tiny_bert, tmp_path / "left")
    file = folder / "tokenizer_config.json"
    sides = {"padding_side": "left", "truncation_side": "left"}
    file.write_text(json.dumps({**json.loads(file.read_text()), **sides}))
    found, wanted = (
        float_model.encode(float_model.load_float(place, 16), TEXTS) for place in (folder, tiny_bert)
    )
    assert np.allclose(found, wanted, atol=1e-5)
