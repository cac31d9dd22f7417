"""The real EmbeddingGemma inside fp16: `make test-real EMBEDDINGGEMMA=DIR`, some minutes on two cores, 4 GB of memory."""

import json

import numpy as np
import pytest
import torch
from pocketrag.bench.emulator.guest import compiled
from pocketrag.export.half.exponents import LARGEST, room
from pocketrag.export.half.fit import LEAST_MEAN_SQUARE, fit, half_vector, rescaled
from pocketrag.export.half.fit_texts import calibrating, checking
from pocketrag.export.half.peaks import measure, padded
from pocketrag.export.model.encoder import Encoder

from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.embedder.embedder_tokenizer import tokenizer_of
from pocketrag.formats.layout import MODEL, SPEC
from pocketrag.formats.tokenizer import load_tokenizer
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import read_recipe
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.ranking import cosine
from tests.real.french_questions import QUESTIONS
from tests.real.test_embeddinggemma import recipe_of

pytestmark = pytest.mark.real
LENGTHS = (32, 64, 128, 256, 512, 1024, 2048)
#: Nobody calibrated on these; the first ones are of the languages that the issue of fp16 was measured in.
TEXTS = (
    "Où se trouve l'arbitre quand la pendule tombe en panne, et qui décide alors de la partie ?",
    "Which side moves first after a draw was claimed wrongly, and how much time does the other one get?",
    "対局時計が故障したとき、審判員は残り時間をどのように決めますか。",
    "♟️🙂👩‍👩‍👧🏁🔔📱⏱️🇫🇷",
    "a",
    "…!?",
)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory, embeddinggemma):
    """Exponents, facts, the folder and the function text -> ids, prompted as a question."""
    folder = read_embedder(embeddinggemma)
    recipe = read_recipe(recipe_of(tmp_path_factory.mktemp("half")), str(embeddinggemma))
    spec, prompts = tokenizer_of(folder), prompts_of(recipe)
    tokenize = load_tokenizer(folder.folder, spec)
    rows = [each(recipe, prompts, tokenize, LENGTHS[-1]) for each in (calibrating, checking)]
    exponents, facts = fit(folder, LENGTHS, None, *rows)
    print(json.dumps(facts.as_json()))  # noqa: T201 - for docs/quantization.md
    return exponents, facts, folder, lambda text: tokenize(prompts.ask(text))


def test_it_is_brought_inside(fitted):
    exponents, facts, _, _ = fitted
    assert facts.calibration_texts >= 300 and facts.n >= 40 and facts.n_in_half >= 12
    assert facts.largest_before > 1e9 and facts.largest <= LARGEST / 2 and facts.fits
    assert facts.largest_difference == 0 and facts.least_cosine >= 0.9999
    assert facts.least_mean_square > LEAST_MEAN_SQUARE and facts.subnormal < 0.1
    steps = sum(a != b for a, b in zip(exponents["hidden"], exponents["hidden"][1:], strict=False))
    assert 0 < steps <= 8


@torch.no_grad()
def test_fp16_gives_numbers_where_the_plain_model_gives_none(fitted):
    exponents, _, folder, ids = fitted
    plain = Encoder(folder, 256).eval()
    inputs = [padded(plain, ids(text), LENGTHS) for text in TEXTS]
    wanted = torch.cat([plain(row) for row in inputs])
    lost = torch.cat([half_vector(plain.half(), row) for row in inputs])
    assert not torch.nn.functional.cosine_similarity(wanted, lost).max() > 0.99
    del plain
    scaled = rescaled(folder, 256, None, exponents)
    assert torch.equal(torch.cat([scaled(row) for row in inputs]), wanted)
    found = torch.cat([half_vector(scaled.half(), row) for row in inputs])
    cosines = torch.nn.functional.cosine_similarity(wanted, found)
    print("fp16 of", len(TEXTS), "texts:", [round(float(one), 6) for one in cosines])  # noqa: T201
    assert cosines.min() >= 0.9999


def test_long_texts_keep_inside(fitted):
    exponents, _, folder, ids = fitted
    long = ids(" ".join(TEXTS) * 60)
    assert len(long) > LENGTHS[-1]
    encoder = rescaled(folder, LENGTHS[-1], None, exponents)
    peaks, _ = measure(encoder, [[*long[:n], 1] for n in (257, 300, 1000, 2047)], LENGTHS, "Long texts")
    assert peaks.largest <= LARGEST / 2


def test_blocks_of_four_bits_keep_their_scales(fitted):
    """Which fp16 would cut off, and XNNPACK refuse."""
    exponents, _, folder, _ = fitted
    for name in ("up", "down"):
        for layer, exponent in zip(Encoder(folder, 1).transformer.layers, exponents[name], strict=True):
            assert exponent == 0 or exponent >= room(getattr(layer, name).weight)


@pytest.mark.parametrize("stage", [0, 1], ids=["float32", "int8"])
def test_xnnpack_in_fp16_gives_the_float_models_vectors(gemma_stages, stage):
    """On this machine, where XNNPACK rounds each result to fp16; `verify --emulator` shows the kernels of ARM."""
    spec = EmbedderSpec.model_validate_json((gemma_stages[0] / SPEC).read_text())
    embedder = LiteRtEmbedder(gemma_stages[0], spec)
    rows = [embedder.tokenize(spec.prompts.ask(text)) for text in QUESTIONS]
    wanted = [embedder.embed_ids(ids, 64) for ids in rows]
    run = compiled(str(gemma_stages[stage] / MODEL), half=True)
    found = [run(np.array([[*ids, *[0] * (64 - len(ids))]], np.int32)) for ids in rows]
    cosines = [cosine(a, b) for a, b in zip(found, wanted, strict=True)]
    norms = [float(np.linalg.norm(one)) for one in found]
    found_cosines = f"mean {np.mean(cosines):.6f}, least {min(cosines):.6f}, n {len(rows)}"
    print(f"{found_cosines}, norms {min(norms):.4f} to {max(norms):.4f}")  # noqa: T201
    assert min(cosines) >= (0.9999 if stage == 0 else 0.995) and max(abs(norm - 1) for norm in norms) <= 0.01
