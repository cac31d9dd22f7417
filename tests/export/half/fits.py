"""An embedder brought inside fp16, and its vectors there with and without that."""

import json

import torch
from pocketrag.export.half.fit import fit, half_vector, rescaled
from pocketrag.export.half.peaks import padded
from pocketrag.export.model.encoder import Encoder

from pocketrag.formats.embedder.embedder_folder import read_embedder

LENGTHS = (16, 32, 128)


def rows(seed, count, vocabulary):
    generator = torch.Generator().manual_seed(seed)
    counts = [1 + i * 127 // (count - 1) for i in range(count)]
    return [torch.randint(4, vocabulary, (n,), generator=generator).tolist() for n in counts]


def texts(folder):
    vocabulary = json.loads((folder / "config.json").read_text())["vocab_size"]
    return rows(1, 40, vocabulary), rows(2, 24, vocabulary)


@torch.no_grad()
def cosines(encoder, halved, checking):
    wanted = torch.cat([encoder(padded(encoder, row, LENGTHS)) for row in checking])
    found = torch.cat([half_vector(halved, padded(halved, row, LENGTHS)) for row in checking])
    return torch.nn.functional.cosine_similarity(wanted, found)


def fits(folder):
    calibrating, checking = texts(folder)
    exponents, facts = fit(read_embedder(folder), LENGTHS, None, calibrating, checking)
    plain = Encoder(read_embedder(folder), 128).eval()
    scaled = rescaled(read_embedder(folder), 128, None, exponents)
    halves = [cosines(plain, each.half(), checking) for each in (Encoder(read_embedder(folder), 128), scaled)]
    return exponents, facts, *halves
