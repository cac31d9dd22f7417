"""Powers of two move no level of any quantization: the `.tflite` of an overflowing Gemma gives the same vectors scaled and unscaled."""

import json
import shutil

import numpy as np
import pytest
from pocketrag.bench.emulator.guest import compiled
from pocketrag.export.convert import Keys, Wanted, convert_folder
from pocketrag.export.model.lower import lower
from pocketrag.export.quantize import quantize_folder
from pocketrag.export.sample_texts import token_rows

from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.layout import EXPONENTS, MODEL, SPEC
from pocketrag.formats.prompts import Prompts
from pocketrag.formats.tokenizer import shortest
from pocketrag.recipe.quantization import quantization
from pocketrag.recipe.recipe import read_recipe
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.ranking import cosine
from tests.conftest import make_data, make_recipe, once
from tests.export.half.overflowing import spoiled

LENGTHS = (16, 32)


@pytest.fixture(scope="module")
def converted(tmp_path_factory, tiny_gemma):
    """The recipe and the embedder, converted into `scaled` and, with exponents of 0, into `plain`."""

    def make(folder):
        parts = {
            "post_feedforward_layernorm": 3e4,
            "layers.0.mlp.up_proj": 1e4,
            "layers.1.self_attn.o_proj": 3e3,
        }
        embedder = spoiled(tiny_gemma, folder / "gemma-96", parts)
        recipe = read_recipe(make_recipe(make_data(folder), embedder))
        wanted = Wanted(embedder, "tiny", Prompts(), LENGTHS, None, Keys("export.lengths", "prompts.query"))
        (folder / "scaled").mkdir()
        facts = convert_folder(recipe, wanted, folder / "scaled")
        (folder / "facts.json").write_text(json.dumps(facts.as_json()))
        shutil.copytree(folder / "scaled", folder / "plain")
        nothing = {name: [0] * len(found) for name, found in facts.half.exponents.items()}
        (folder / "plain" / EXPONENTS).write_text(json.dumps(nothing))
        (folder / "plain" / MODEL).unlink()
        lower(embedder, LENGTHS, folder / "plain" / MODEL, None, nothing)

    return once(tmp_path_factory, "half", make)


def vectors(recipe, folder):
    lite = LiteRtEmbedder(folder, EmbedderSpec.model_validate_json((folder / SPEC).read_text()))
    rows = token_rows(recipe, Prompts(), lite.tokenize, LENGTHS)
    found = np.array([lite.embed_ids(row) for row in rows])
    lite.close()
    return found


def recipe_of(folder):
    return read_recipe(folder / "tiny.toml")


def test_the_stage_says_what_it_scaled(converted):
    half = json.loads((converted / "facts.json").read_text())["half"]
    assert half["fits"] and half["calibration_texts"] >= 300 and half["n"] >= 40 and half["n_in_half"] >= 20
    assert half["largest_before"] > 65504 > 2 * half["largest"] and half["largest_difference"] == 0
    assert half["exponents"]["hidden"][-1] < -5 and half["exponents"]["up"][0] < -5
    assert json.loads((converted / "scaled" / EXPONENTS).read_text()) == half["exponents"]
    assert half["least_cosine"] > 0.9999 and half["least_mean_square"] > 6e-8


@pytest.mark.parametrize("code", [None, "int8", "int4", "t8-a4b32g-f4b32g-h8+30"])
def test_the_same_vectors_to_the_bit(converted, tmp_path, code):
    recipe = recipe_of(converted)
    found = []
    for name in ("plain", "scaled"):
        folder = converted / name
        if code:
            (tmp_path / name).mkdir()
            quantize_folder(recipe, quantization(code), converted / "gemma-96", folder, tmp_path / name)
            folder = tmp_path / name
        found.append(vectors(recipe, folder))
    assert (converted / "plain" / MODEL).read_bytes() != (converted / "scaled" / MODEL).read_bytes()
    assert np.array_equal(*found)


@pytest.mark.parametrize("code", [None, "int8"])
def test_xnnpack_told_to_compute_in_fp16_gives_the_float_models_vectors(converted, tmp_path, code):
    """Of the plain one too, so far: what XNNPACK rounds in this graph are weights (docs/quantization.md)."""
    recipe, folder = recipe_of(converted), converted / "scaled"
    wanted = vectors(recipe, folder)
    lite = LiteRtEmbedder(folder, EmbedderSpec.model_validate_json((folder / SPEC).read_text()))
    rows = token_rows(recipe, Prompts(), lite.tokenize, LENGTHS)
    lite.close()
    if code:
        quantize_folder(recipe, quantization(code), converted / "gemma-96", folder, tmp_path)
        folder = tmp_path
    run = compiled(str(folder / MODEL), half=True)
    found = [run(padded(row)) for row in rows]
    least = min(cosine(a, b) for a, b in zip(found, wanted, strict=True))
    assert least >= (0.99 if code else 0.9999)
    assert not np.array_equal(found, wanted), "nothing was rounded to fp16"


def padded(ids):
    length = shortest(LENGTHS, len(ids))
    return np.array([[*ids, *[0] * (length - len(ids))]], np.int32)
