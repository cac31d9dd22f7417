"""An encoder in two parts computes what the whole one does, at every length."""

import pytest
import torch
from pocketrag.export.litertlm.halves import BehindRows, TokenRows
from pocketrag.export.model.encoder import FAMILIES, Encoder

from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.engine_tokenizer import FAMILIES as PROVED
from tests.export.litertlm.makers import MAKERS


def test_every_family_that_is_offered_is_proved_here():
    assert set(PROVED) == set(MAKERS) <= set(FAMILIES)


@pytest.mark.parametrize("family", PROVED)
def test_both_parts_give_the_whole_ones_vector(family, tmp_path):
    embedder = read_embedder(MAKERS[family](tmp_path / "embedder"))
    whole = Encoder(embedder, 32).eval()
    parts = Encoder(embedder, 32).eval()
    table = TokenRows(parts).eval()
    text = BehindRows(parts).eval()
    for length in (8, 16, 32):
        for tokens in range(1, length + 1):
            ids = torch.full((1, length), whole.padding, dtype=torch.int32)
            ids[0, :tokens] = torch.randint(2, 60, (tokens,))
            mask = torch.zeros((1, length))
            mask[0, :tokens] = 1
            with torch.no_grad():
                # As the engine does: a token at a time.
                rows = torch.cat([table(ids[:, at : at + 1]) for at in range(length)], dim=1)
                assert torch.equal(text(rows, mask), whole(ids))
