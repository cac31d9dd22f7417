import json
import shutil

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import EMBEDDED, fingerprint, locate, read_embedder


@pytest.fixture
def folder(tiny_bert, tmp_path):
    return shutil.copytree(tiny_bert, tmp_path / "embedder")


def edit(file, change):
    values = json.loads(file.read_text())
    change(values)
    file.write_text(json.dumps(values))


def test_reads_a_folder_that_sentence_transformers_wrote(folder):
    embedder = read_embedder(folder)
    assert (embedder.family, embedder.pooling, embedder.dense) == ("bert", "mean", ())
    assert embedder.max_tokens == 64


def test_reads_the_older_pooling_configuration(folder):
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    )
    assert read_embedder(folder).pooling == "cls"


def test_the_embedded_default_model_is_found_without_the_hub():
    folder = locate(next(iter(EMBEDDED)))
    assert (folder / "model.safetensors").is_file() and read_embedder(folder).max_tokens == 256


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "modules.json").unlink(), "modules.json is missing"),
        (lambda f: (f / "1_Pooling" / "config.json").unlink(), "1_Pooling/config.json: missing"),
        (lambda f: (f / "model.safetensors").unlink(), "model.safetensors: missing"),
        (
            lambda f: (f / "model.safetensors").write_bytes((f / "model.safetensors").read_bytes()[:-50]),
            "its header says",
        ),
        (lambda f: (f / "model.safetensors").write_bytes(b"nonsense" * 9), "not a safetensors file"),
        (lambda f: (f / "tokenizer.json").unlink(), "tokenizer.json: missing"),
        (lambda f: (f / "config.json").write_text("{"), "config.json: not JSON"),
        (lambda f: edit(f / "modules.json", lambda m: m.pop(1)), "what can be exported is"),
        (lambda f: edit(f / "modules.json", lambda m: m[1].update(path="../../etc")), "leaves the folder"),
        (
            lambda f: edit(f / "modules.json", lambda m: m[2].update(type="evil.Normalize")),
            "can't be exported",
        ),
        (
            lambda f: edit(
                f / "modules.json",
                lambda m: m.insert(2, {"type": "sentence_transformers.models.Dense", "path": "9"}),
            ),
            "9/config.json",
        ),
        (
            lambda f: edit(f / "1_Pooling" / "config.json", lambda c: c.update(pooling_mode="weightedmean")),
            "can't be exported",
        ),
    ],
)
def test_incomplete_folders_are_named(folder, damage, message):
    damage(folder)
    with pytest.raises(InputError) as error:
        read_embedder(folder)
    assert message in str(error.value)


def test_dense_without_weights(folder):
    edit(
        folder / "modules.json",
        lambda m: m.insert(2, {"type": "sentence_transformers.models.Dense", "path": "3_Dense"}),
    )
    (folder / "3_Dense").mkdir()
    (folder / "3_Dense" / "config.json").write_text('{"in_features": 32, "out_features": 8, "bias": false}')
    with pytest.raises(InputError, match=r"3_Dense/model\.safetensors: missing"):
        read_embedder(folder)


@pytest.mark.parametrize("base", ["./none", "/none", "none", "a/b/c"])
def test_no_such_folder(base):
    with pytest.raises(InputError, match="no such folder"):
        locate(base)


def test_a_hub_that_can_not_be_reached_is_said_so():
    with pytest.raises(InputError, match="the hub did not give it"):
        locate("nobody/no-such-model")


def test_the_fingerprint_follows_the_weights(folder):
    before = fingerprint(folder)
    (folder / "README.md").write_text("another card")
    assert fingerprint(folder) == before
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    assert fingerprint(folder) != before
