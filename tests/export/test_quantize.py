"""Quantization of a tiny Gemma: what is stored is what was asked, for every kind of matrix, and what it costs is measured."""

import json
from dataclasses import replace

import numpy as np
import pytest
from pocketrag.export.half.fit import rescaled
from pocketrag.export.quantization import plan as planning
from pocketrag.export.quantization.apply_plan import quantize_file
from pocketrag.export.quantization.folded_norms import folded
from pocketrag.export.quantization.matrices import find_matrices, read
from pocketrag.export.quantization.matrices import replace as replace_values
from pocketrag.export.quantization.plan import matrices, plan
from pocketrag.export.quantization.sensitivity import keep

from pocketrag.errors import GateError, InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.layout import EXPONENTS
from pocketrag.formats.tflite import constants, open_model
from pocketrag.recipe.quantization import quantization
from tests.conftest import CODE, cli, make_recipe


@pytest.fixture
def pieces(gemma_built, tiny_gemma):
    folder = gemma_built[0] / "work" / "tiny" / "convert-base"
    exponents = json.loads((folder / EXPONENTS).read_text())
    encoder = rescaled(read_embedder(tiny_gemma), 32, 64, exponents)
    originals = {name: module.weight.detach().numpy().copy() for name, module in matrices(encoder).items()}
    return encoder, originals, folder / "embedder.tflite"


@pytest.fixture
def scopes(pieces):
    _, originals, source = pieces
    return {site.scope for sites in find_matrices(source, originals).values() for site in sites}


def test_every_kind_is_stored_as_its_code_says(gemma_built):
    folder, facts = gemma_built
    kept = set(facts["kept_in_int8"])
    assert kept and all(name.startswith("transformer.layers.") for name in kept)
    assert set(facts["weights"]) == {"int4", "int8"} and facts["calibration_texts"] > 60
    file = folder / "work" / "tiny" / "quantize-base" / "embedder.tflite"
    stored = {constant.kind for constant in constants(open_model(file.read_bytes()))}
    assert (
        stored - {"float32"} == {"int4", "int8"} and facts["bytes_slimmed"] > 0 and facts["mean_cosine"] > 0.9
    )


def test_four_bits_a_row_have_one_scale_a_row(pieces, tmp_path):
    encoder, originals, source = pieces
    rows = [[2, *range(10 + i, 30 + i), 1] for i in range(40)]
    planned = plan(
        encoder, quantization("int4_channelwise"), rows, folded(source, originals, list(originals))
    )
    layers = {name: scale for name, scale in planned.scales.items() if ".layers." in name}
    assert layers and all(scale.size == originals[name].shape[0] for name, scale in layers.items())
    quantize_file(source, tmp_path / "q.tflite", originals, planned)
    kinds = [constant.kind for constant in constants(open_model((tmp_path / "q.tflite").read_bytes()))]
    assert kinds.count("int4") >= len(layers)


def test_fewer_dims_make_a_model_and_a_database_of_that_width(gemma_built):
    folder, _ = gemma_built
    work = folder / "work" / "tiny"
    assert json.loads((work / "convert-base" / "embedder.json").read_text())["dims"] == 64
    vectors = np.load(work / "index-base" / "embeddings.npy")
    assert vectors.shape[1] == 64 and np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    whole = np.load(work / "reference-base" / "passages.npy")
    assert vectors == pytest.approx(
        whole[:, :64] / np.linalg.norm(whole[:, :64], axis=1, keepdims=True), abs=1e-6
    )


def test_more_dims_than_there_are(tiny_gemma, data):
    make_recipe(data, tiny_gemma, extra="dims = 97")
    done = cli("convert", "tiny.toml", "--source", "base", cwd=data)
    assert done.returncode == 2 and "`export.dims`: 97 is more than the 96 dims" in done.stderr


def test_calibrated_levels_are_in_the_file_to_the_bit(pieces, scopes, tmp_path):
    encoder, originals, source = pieces
    rows = [[2, *range(10 + i, 30 + i), 1] for i in range(40)]
    planned = plan(encoder, quantization(CODE), rows, folded(source, originals, list(originals)))
    quantize_file(source, tmp_path / "q.tflite", originals, planned)
    stored = {(values + 0.0).tobytes() for _, _, values in read(tmp_path / "q.tflite", scopes)}  # -0.0 is 0.0
    assert planned.values and all(
        (values + np.float32(0)).tobytes() in stored for values in planned.values.values()
    )


def test_what_was_stored_otherwise_than_planned_is_an_error(pieces, tmp_path):
    encoder, originals, source = pieces
    planned = plan(encoder, quantization("int8"), [])
    lied = {**planned.stores, "dense.0.projection": replace(planned.stores["dense.0.projection"], bits=4)}
    name = "transformer.layers.0.qkv"
    off = {name: originals[name] * np.float32(1.001)}
    with pytest.raises(GateError, match=r"transformer.layers.0.qkv is stored .* away from what was planned"):
        quantize_file(source, tmp_path / "a.tflite", originals, replace(planned, values=off))
    quantize_file(source, tmp_path / "b.tflite", originals, replace(planned, stores=lied))
    with pytest.raises(GateError, match="holds no constant like the encoder's extra"):
        quantize_file(
            source, tmp_path / "c.tflite", {**originals, "extra": np.ones((5, 7), np.float32)}, planned
        )


def test_a_quantizer_that_does_nothing_is_an_error(pieces, tmp_path, monkeypatch):
    from pocketrag.export.quantization import apply_plan

    encoder, originals, source = pieces
    planned = plan(encoder, quantization("int8"), [])
    rows = apply_plan._rows
    monkeypatch.setattr(
        apply_plan,
        "_rows",
        lambda sites, store: [{**row, "regex": "^nothing$"} for row in rows(sites, store)][:1],
    )
    with pytest.raises(
        GateError, match="stored as float32, not as int8: the quantizer did not do what was asked"
    ):
        quantize_file(source, tmp_path / "q.tflite", originals, planned)


def test_blocks_that_divide_no_row(pieces):
    with pytest.raises(
        InputError, match=r"blocks of 128 don't divide the 96 inputs of transformer\.layers\.0\.qkv"
    ):
        planning.plan(pieces[0], quantization("t8-a4b128-f8-h8"), [])


def test_the_most_sensitive_matrices_are_kept_first():
    losses, sizes = {"a": 5.0, "b": 4.0, "c": 1.0, "d": 0.1}, {"a": 100, "b": 20, "c": 30, "d": 50}
    assert (
        keep(losses, sizes, 10) == {"b"}
        and keep(losses, sizes, 60) == {"b", "a"}
        and keep(losses, sizes, 99) == {"b", "a", "c"}
    )


def test_what_the_converter_folded_is_found_and_calibrated(data, tiny_bert, tmp_path):
    """A LayerNorm's weight goes into the matrix behind it: another content, and levels are chosen for that one."""
    import shutil

    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(tiny_bert, tmp_path / "normed")
    weights = load_file(folder / "model.safetensors")
    for name, tensor in weights.items():
        if name.endswith("LayerNorm.weight"):
            tensor.uniform_(0.5, 1.5)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    make_recipe(data, folder, extra='quantization = "int8"')
    assert cli("convert", "tiny.toml", "--source", "base", cwd=data).returncode == 0
    found = {}
    for code in ("t8-a8-f8-h8", "t8-a4b32-f4b32-h8", "t8-a4b32g-f4b32g-h8"):
        make_recipe(data, folder, extra=f'quantization = "{code}"')
        done = cli("quantize", "tiny.toml", "--source", "base", "--json", cwd=data)
        assert done.returncode == 0, done.stderr[-1500:]
        found[code] = json.loads(done.stdout)["mean_cosine"]
    int8, rounded, calibrated = found.values()
    assert rounded < calibrated < int8 and int8 > 0.99, found


def test_columns_are_found_and_anything_else_is_refused(pieces, tmp_path):
    _, originals, source = pieces
    sites, name = find_matrices(source, originals), "transformer.layers.0.qkv"
    by = np.linspace(0.5, 2, originals[name].shape[1], dtype=np.float32)
    made = tmp_path / "made.tflite"
    replace_values(source, made, sites, {name: originals[name] * by})
    assert folded(made, originals, list(originals))[name] == pytest.approx(by, rel=1e-6)
    replace_values(source, made, sites, {name: originals[name] * by + np.float32(0.01)})
    with pytest.raises(
        GateError, match=r"the converter changed transformer.layers.0.qkv, so calibrated levels"
    ):
        folded(made, originals, list(originals))


def test_levels_of_another_matrix_are_not_put_in(pieces, tmp_path):
    encoder, originals, source = pieces
    rows = [[2, *range(10 + i, 30 + i), 1] for i in range(40)]
    planned = plan(encoder, quantization(CODE), rows, folded(source, originals, list(originals)))
    name = next(iter(planned.values))
    off = {**planned.folded, name: planned.folded[name] * np.float32(1.5)}
    with pytest.raises(GateError, match="is another matrix than the one that was calibrated"):
        quantize_file(source, tmp_path / "q.tflite", originals, replace(planned, folded=off))
