"""`pocketrag static` on tiny models: an embedder with dense layers, one without, a language model; and what it refuses."""

import json
import shutil
from pathlib import Path

import model2vec
import numpy as np
import pytest
import torch
from pocketrag.training.static import frequency, memory
from pocketrag.training.static.distil import distil
from pocketrag.training.static.token_model import describe
from safetensors.numpy import load_file

from pocketrag.cli.commands.static import static
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.reference import float_model
from pocketrag.reference.model2vec import StaticModel
from tests.bench.damage import edit_json
from tests.conftest import ACTS, PIECES, cli, once, write_jsonl
from tests.qwen import make_qwen

LINES = [f"the {piece} {act} when the board is on the clock" for piece in PIECES for act in ACTS]


@pytest.fixture(scope="session")
def tiny_qwen(tmp_path_factory):
    return once(tmp_path_factory, "qwen", lambda folder: make_qwen(folder / "tiny-qwen", LINES)) / "tiny-qwen"


@pytest.fixture(params=["bert", "gemma", "qwen"])
def model(request, tiny_bert, tiny_gemma, tiny_qwen):
    return {"bert": tiny_bert, "gemma": tiny_gemma, "qwen": tiny_qwen}[request.param]


def make(model, out, **more):
    out.mkdir()
    given = {"name": "tiny", "dims": None, "texts": None, "sif": None, **more}
    return distil(model, out, **given)


def unweighted(out, made):
    """The table as it was before the weights."""
    table = load_file(out / "model.safetensors")["embeddings"]
    return table / frequency.weights(frequency.by_rank(made.tokens), made.sif)[:, None]


def embedded(folder):
    return describe(folder).embedded


def test_a_folder_that_loads_and_equal_bytes_again(model, tmp_path):
    made = make(model, tmp_path / "one")
    make(model, tmp_path / "two")
    assert files.digests(tmp_path / "one") == files.digests(tmp_path / "two")
    found = StaticModel(tmp_path / "one")
    assert found.dims == made.dims and len(found.table) == made.tokens
    silent = np.setdiff1d(np.arange(len(found.table)), embedded(model))
    assert len(silent) and not found.table[silent].any() and found.table[list(embedded(model))].any(1).all()
    texts = ["the king moves", "the rook falls"]
    vectors = found.encode(texts)
    theirs = model2vec.StaticModel.from_pretrained(tmp_path / "one").encode(texts)
    assert np.abs(vectors - theirs).max() <= 1e-6
    assert (
        np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6) and abs(vectors[0] @ vectors[1]) < 0.9999
    )


def test_an_embedder_is_taken_whole(tiny_gemma, tmp_path):
    """With all dims and without the weights, distances are those of the embedder's own vectors, dense layers included."""
    made = make(tiny_gemma, tmp_path / "out", dims=96)
    kept = list(embedded(tiny_gemma)[:40])
    model = float_model.load_float(tiny_gemma)
    around = made.before, made.after
    theirs = np.array([float_model.encode_ids(model, [*around[0], id_, *around[1]]) for id_ in kept])
    ours = unweighted(tmp_path / "out", made)[kept]

    def distances(rows):
        return np.linalg.norm(rows[:, None] - rows[None], axis=2)

    assert made.kind == "embedder" and np.allclose(distances(theirs), distances(ours), atol=1e-4)


def test_of_a_language_model_the_state_of_the_token_behind_a_first_one(tiny_qwen, tmp_path):
    from transformers import AutoModel

    made = make(tiny_qwen, tmp_path / "out", dims=32)
    assert made.kind == "model" and made.before == (0,) and made.after == ()
    kept = embedded(tiny_qwen)[:40]
    model = AutoModel.from_pretrained(tiny_qwen).eval()
    with torch.no_grad():
        states = [model(torch.tensor([[0, id_]])).last_hidden_state[0, 1].numpy() for id_ in kept]
    ours = unweighted(tmp_path / "out", made)[list(kept)]
    theirs = np.array(states)
    assert np.allclose(
        np.linalg.norm(theirs - theirs[0], axis=1), np.linalg.norm(ours - ours[0], axis=1), rtol=1e-3
    )


def test_frequencies_of_a_corpus_weigh_tokens(tiny_bert, tmp_path):
    plain, counted = (
        make(tiny_bert, tmp_path / name, texts=texts, sif=1e-3) and StaticModel(tmp_path / name)
        for name, texts in (("plain", ["king queen"]), ("counted", ["king"] * 500 + ["queen"]))
    )
    king, queen = (plain.tokenizer.token_to_id(word) for word in ("king", "queen"))
    length = [np.linalg.norm(model.table[[king, queen]], axis=1) for model in (plain, counted)]
    assert length[1][0] / length[1][1] < length[0][0] / length[0][1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"dims": 33}, "--dims 33: must be 1 to 32"),
        ({"dims": 0}, "--dims 0"),
        ({"sif": 1.5}, "--sif 1.5"),
        ({"sif": float("nan")}, "--sif nan"),
    ],
)
def test_settings_that_do_not_fit(tiny_bert, tmp_path, given, said):
    with pytest.raises(InputError, match=said):
        make(tiny_bert, tmp_path / "out", **given)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer.json: missing"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "not a readable tokenizer"),
        (lambda folder: (folder / "config.json").unlink(), "config.json"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "unheard"}'), "no token"),
        (lambda folder: (folder / "model.safetensors").unlink(), "only safetensors"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 40), "not a readable safetensors"),
        (
            lambda folder: (folder / "config.json").write_text(
                '{"model_type": "t5", "is_encoder_decoder": true}'
            ),
            "one stack",
        ),
    ],
)
def test_folders_that_are_not_whole(tiny_qwen, tmp_path, damage, said):
    folder = shutil.copytree(tiny_qwen, tmp_path / "model")
    damage(folder)
    with pytest.raises(InputError, match=said):
        make(folder, tmp_path / "out")


def test_a_configuration_that_does_not_fit_its_weights(tiny_bert, tiny_qwen, tmp_path):
    for number, model in enumerate((tiny_bert, tiny_qwen)):
        folder = shutil.copytree(model, tmp_path / str(number))
        edit_json(folder / "config.json", lambda config: config.update(vocab_size=config["vocab_size"] - 3))
        with pytest.raises(InputError, match="transformers can't load it"):
            make(folder, tmp_path / f"out{number}")


def test_memory_is_said_before_anything_is_loaded(tiny_qwen, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 500_000_000)
    with pytest.raises(InputError, match=r"needs about 1\.0 GB .* 0\.5 GB are free"):
        make(tiny_qwen, tmp_path / "out")
    assert not any((tmp_path / "out").iterdir())


def test_sixteen_bits_where_thirty_two_do_not_fit(tiny_qwen, monkeypatch):
    import dataclasses

    large = dataclasses.replace(describe(tiny_qwen), weights=1_500_000_000, width=2)
    monkeypatch.setattr(memory, "free_memory", lambda: 5_000_000_000)
    assert memory.plan(large, 32).dtype == "auto"
    monkeypatch.setattr(memory, "free_memory", lambda: 9_000_000_000)
    assert memory.plan(large, 32).dtype == "float32"


def test_the_command_refuses_to_overwrite_and_asks_where_to(tiny_qwen, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="exists"):
        static(str(tiny_qwen), out=str(tmp_path / "out"))
    with pytest.raises(InputError, match="--out DIR"):
        static(str(tiny_qwen))
    with pytest.raises(InputError, match="no such folder"):
        static(str(tmp_path / "absent"), out=str(tmp_path / "new"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_tokenizer_that_the_app_does_not_know_is_said(tiny_qwen, tmp_path):
    corpus = write_jsonl(tmp_path / "corpus.jsonl", [{"_id": "a", "text": "the king moves"}])
    other = Path(shutil.copytree(tiny_qwen, tmp_path / "tiny-qwen"))
    edit_json(other / "tokenizer.json", lambda t: t.update(normalizer={"type": "NFKD"}))
    done = cli("static", other, "--out", "out", "--corpus", corpus, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert said["app"] is None and "the app's runtime lacks the normalizer NFKD" in said["no_app"]
    assert said["frequencies"] == "corpus" and said["kind"] == "model" and said["loaded_as"] == "float32"
    metadata = files.read_json(tmp_path / "out" / "metadata.json")
    others = {k: v for k, v in files.digests(tmp_path / "out").items() if k != "metadata.json"}
    assert metadata["files"] == others and metadata["model"]["name"] == "tiny-qwen"
    assert str(tmp_path) not in (tmp_path / "out" / "metadata.json").read_text()
