"""A tiny embedder of each family through LiteRT-LM's own engine: what the export encoder computes, token for token."""

import numpy as np
import pytest
import torch
from pocketrag.export.half.fit import _rescaler
from pocketrag.export.half.peaks import measure
from pocketrag.export.litertlm.embedding_file import assemble_embedder
from pocketrag.export.litertlm.lower_halves import TABLE_FILE, TEXT_FILE, lower_halves
from pocketrag.export.model.encoder import Encoder

from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.embedder.embedder_tokenizer import tokenizer_of
from pocketrag.formats.embedder.engine_tokenizer import FAMILIES
from pocketrag.formats.layout import LITERTLM, MODEL
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import fit, load_tokenizer, padded, shortest
from pocketrag.runtime import embedding_engine
from tests.export.litertlm.makers import MAKERS

pytestmark = pytest.mark.long
LENGTHS = (16, 32)
TEXTS = (
    "",
    "king",
    "  spaces before and behind  ",
    "Größe, naïve café, ½ №5 受付は何時",
    "what is on the board if the rook 12 meets the bishop ?",
    "the king moves " * 40,
    "two\nlines\tand\u00a0more 🙂",
    "a\0b",
)


def exponents_of(embedder):
    """The powers of two of an embedder, chosen from one short text."""
    encoder = Encoder(embedder, LENGTHS[-1]).eval()
    seen, _ = measure(encoder, [[2, 5, 6, 3]], LENGTHS, "Measuring", everything=False)
    return _rescaler(encoder).choose(encoder, seen)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_engine_gives_the_encoders_vectors(family, tmp_path):
    folder = MAKERS[family](tmp_path / "embedder")
    embedder = read_embedder(folder)
    spec = EmbedderSpec(dims=1, lengths=LENGTHS, quantization="float32", prompts=Prompts(), tokenizer=tokenizer_of(embedder))  # fmt: skip
    (folder / MODEL).write_bytes(b"any")  # whose digest the file carries
    lower_halves(folder, LENGTHS, tmp_path, None, exponents_of(embedder))
    assemble_embedder(tmp_path / TABLE_FILE, tmp_path / TEXT_FILE, folder, spec, tmp_path / LITERTLM)
    tokenize, encoder = load_tokenizer(folder, spec.tokenizer), Encoder(embedder, LENGTHS[-1]).eval()
    for text, theirs in zip(TEXTS, embedding_engine.embed(tmp_path / LITERTLM, TEXTS), strict=True):
        ids = fit(tokenize(text), LENGTHS[-1])
        row = torch.tensor([padded(ids, shortest(LENGTHS, len(ids)), encoder.padding)], dtype=torch.int32)
        with torch.no_grad():
            ours = encoder(row)[0].numpy()
        assert np.dot(ours, theirs) >= 0.99999, text
