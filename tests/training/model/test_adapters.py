"""Every way to tune, on tiny models: what has gradients, what is kept, what merging gives; resumed and in two processes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from pocketrag.training import tune as module
from pocketrag.training.model import arguments
from pocketrag.training.model.adapters import open_trainable
from pocketrag.training.model.checkpoints import last_whole
from pocketrag.training.model.fake_quantization import exact, round_weights
from safetensors.torch import load_file

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.pipeline.stage import Job, StageRef
from pocketrag.recipe.quantization import quantization
from pocketrag.recipe.recipe import Train
from pocketrag.reference import float_model
from tests.conftest import make_data, make_recipe
from tests.gemma import make_gemma
from tests.verbs import convert, merge, mine, tune


def prepared(
    folder: Path, base: Path, method: str, extra: str = "", quantized: str = "int8"
) -> tuple[str, str]:
    folder.mkdir(exist_ok=True)
    make_data(folder, asked=3)
    file = make_recipe(folder, base, method=method, extra=f'quantization = "{quantized}"')
    file.write_text(file.read_text().replace("[export]", f"{extra}\n[export]"))
    mine(str(file), work=str(folder / "work"))
    return str(file), str(folder / "work")


def test_lora_trains_the_adapter_and_nothing_else(tiny_gemma):
    """The dense layers behind the pooling would be trained, scored, and left out of the adapter."""
    model = open_trainable(tiny_gemma, Train(rank=4))
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert trained and all("lora_" in name for name in trained)
    assert len({name.rsplit(".lora_")[0] for name in trained}) == 7 * 2


def test_all_weights(tmp_path, tiny_bert):
    recipe, work = prepared(tmp_path, tiny_bert, "full")
    Path(recipe).write_text(Path(recipe).read_text().replace("1e-3", "1e-4"))
    mine(recipe, work=work)
    facts = tune(recipe, work=work)
    assert facts["method"] == "full" and (Path(facts["folder"]) / "model" / "model.safetensors").is_file()
    merged = merge(recipe, work=work)
    assert merged["least_cosine_to_training"] >= 0.99999 and merged["mean_cosine_to_base"] < 0.99999
    assert not (Path(work) / "tiny" / "tune-checkpoints").exists()


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_share_of_the_tuning(tmp_path, tiny_bert, method):
    """Half of the way: every weight the mean of base and tuned; nothing is trained for it."""
    recipe, work = prepared(tmp_path, tiny_bert, method, "[merge]\nshare = 1\n")
    if method == "full":
        Path(recipe).write_text(Path(recipe).read_text().replace("1e-3", "1e-4"))
        mine(recipe, work=work)
    written = Path(tune(recipe, work=work)["folder"]) / "manifest.json"
    whole = merge(recipe, work=work)
    ends = [load_file(Path(folder) / "model.safetensors") for folder in (tiny_bert, whole["folder"])]
    stamp = written.stat().st_mtime_ns
    Path(recipe).write_text(Path(recipe).read_text().replace("share = 1", "share = 0.5"))
    with pytest.raises(InputError, match="made from another `merge`"):
        convert(recipe, work=work, source="tuned")
    tune(recipe, work=work)
    half = merge(recipe, work=work)
    assert written.stat().st_mtime_ns == stamp and half["share"] == 0.5
    assert (
        half["least_cosine_to_training"] >= 0.99999
        and half["mean_cosine_to_base"] > whole["mean_cosine_to_base"]
    )
    found = load_file(Path(half["folder"]) / "model.safetensors")
    for name, base in ends[0].items():
        assert torch.allclose(found[name], (base + ends[1][name]) / 2, atol=1e-6), name
    scores, card = half["dev_ndcg@10"], (Path(half["folder"]) / "README.md").read_text()
    assert set(scores) == {"base", "tuned", "merged"} and set(whole["dev_ndcg@10"]) == {"base", "tuned"}
    assert "| share | 0.5 |" in card and f"{scores['merged']} after" in card


def laid_in_the_hub_cache(cache: Path, id_: str, folder: Path) -> None:
    """As `snapshot_download` leaves a model: https://huggingface.co/docs/huggingface_hub/guides/manage-cache."""
    model, commit = cache / f"models--{id_.replace('/', '--')}", "0" * 40
    shutil.copytree(folder, model / "snapshots" / commit)
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(commit)


@pytest.mark.parametrize(
    ("base", "side"),
    [
        ("a folder", "both"),
        ("a folder", "question"),
        ("google/embeddinggemma-300m-qat-q4_0-unquantized", "both"),
    ],
)
def test_qlora(tmp_path, monkeypatch, base, side):
    """Also from the checkpoint trained for 4 bits: a stand-in under its id, its real weights are unchecked."""
    pytest.importorskip("bitsandbytes", reason="bitsandbytes is not installed")
    # The way is walked on a processor here; on a GPU it is unchecked.
    monkeypatch.setattr("pocketrag.training.model.adapters._gpu", lambda: True)
    monkeypatch.setattr("pocketrag.training.hardware.gpu_memory", lambda: 16_000)
    # There bitsandbytes takes widths that its block of 64 divides, as EmbeddingGemma's.
    folder = make_gemma(
        tmp_path / "gemma",
        ["the king moves when the clock rings", "task: search result | query: title: none"],
        300,
        head=64,
    )
    if base == "a folder":
        base = folder
    else:
        laid_in_the_hub_cache(tmp_path / "hub", base, folder)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    recipe, work = prepared(tmp_path / "data", base, "qlora", f'side = "{side}"')
    facts = tune(recipe, work=work)
    assert facts["method"] == "qlora"
    merged = merge(recipe, work=work)
    assert merged["least_cosine_to_adapter"] >= 0.99999
    assert 0.9 < merged["least_cosine_to_training"] < 0.99999  # 4 bits are not float32
    assert float_model.load_float(Path(merged["folder"])).dtype == torch.float32


def test_qlora_needs_a_gpu(tiny_gemma):
    pytest.importorskip("bitsandbytes", reason="bitsandbytes is not installed")
    with pytest.raises(InputError, match="needs a CUDA GPU"):
        open_trainable(tiny_gemma, Train(method="qlora"))


def test_qlora_without_bitsandbytes(tiny_gemma, monkeypatch):
    monkeypatch.setattr("pocketrag.training.model.adapters.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="needs bitsandbytes"):
        open_trainable(tiny_gemma, Train(method="qlora"))


def test_rounded_weights_are_those_of_the_quantization(tiny_gemma):
    """Against a plain reference: the absolute largest of a block of 32 over 7, rounded to the nearest level."""
    model = open_trainable(tiny_gemma, Train(rank=4))
    texts = ["the king moves", "the clock stops on the board"]
    whole = float_model.encode(model, texts)
    assert round_weights(model, quantization("int4")) == 7 * 2
    rounded = float_model.encode(model, texts)
    assert 0.5 < (whole * rounded).sum(1).min() < 0.9999
    layer = model[0].model.layers[0].mlp.up_proj
    with torch.no_grad():
        found = layer.forward(torch.eye(layer.in_features)).T
        blocks = (layer.base_layer.weight + layer.get_delta_weight("default")).reshape(
            layer.out_features, -1, 32
        )
        scale = (blocks.abs().amax(-1, keepdim=True) / 7).bfloat16().float()
        wanted = (torch.round(blocks / scale).clamp(-8, 7) * scale).reshape(found.shape)
    assert torch.allclose(found, wanted, atol=1e-6)
    exact(model)
    assert np.array_equal(float_model.encode(model, texts), whole)


@pytest.mark.parametrize("side", ["both", "question"])
def test_quantization_aware_training_is_merged_exactly(tmp_path, tiny_gemma, side):
    keys = f'quantization_aware = true\nside = "{side}"'
    recipe, work = prepared(tmp_path, tiny_gemma, "lora", keys, "int4")
    facts = tune(recipe, work=work)
    assert facts["projections_rounded"] == 14
    assert merge(recipe, work=work)["least_cosine_to_training"] >= 0.99999


def test_nothing_to_be_aware_of(tiny_gemma):
    with pytest.raises(InputError, match="nothing to be aware of"):
        round_weights(open_trainable(tiny_gemma, Train(rank=4)), quantization("float32"))


def interrupted(tmp_path, tiny_bert, monkeypatch):
    """A recipe and a work folder whose training was interrupted behind two checkpoints."""
    recipe, work = prepared(tmp_path, tiny_bert, "lora")
    text = Path(recipe).read_text().replace("evaluations = 1", "evaluations = 4\npatience = 100")
    Path(recipe).write_text(text.replace("epochs = 1", "epochs = 4"))
    mine(recipe, work=work)
    with monkeypatch.context() as patch:
        patch.setattr(module, "evaluator_of", stopping(module.evaluator_of))
        with pytest.raises(KeyboardInterrupt):
            tune(recipe, work=work)
    assert not (Path(work) / "tiny" / "tune").exists()
    return recipe, work, sorted((Path(work) / "tiny" / "tune-checkpoints").glob("checkpoint-*"))


def test_interrupted_training_goes_on(tmp_path, tiny_bert, monkeypatch):
    recipe, work, left = interrupted(tmp_path, tiny_bert, monkeypatch)
    facts = tune(recipe, work=work)
    epochs = [row["epoch"] for row in facts["history"]]
    assert (
        facts["went_on_from"] == left[-1].name
        and epochs == sorted(epochs)
        and facts["steps"] > int(left[-1].name[11:])
    )
    assert not left[-1].exists()


def cut(file):
    file.write_bytes(file.read_bytes()[:50])


DAMAGES = {
    "state cut": lambda folder: cut(folder / "trainer_state.json"),
    "state lost": lambda folder: (folder / "trainer_state.json").unlink(),
    "adapter cut": lambda folder: cut(folder / "adapter_model.safetensors"),
    "adapter lost": lambda folder: (folder / "adapter_model.safetensors").unlink(),
    "optimizer cut": lambda folder: cut(folder / "optimizer.pt"),
    "killed before its digests": lambda folder: (folder / "digests.json").unlink(),
    "digests cut": lambda folder: cut(folder / "digests.json"),
    "a file in its place": lambda folder: (shutil.rmtree(folder), folder.write_text("")),
}


def test_a_damaged_checkpoint_is_left_out(tmp_path, tiny_bert, monkeypatch):
    recipe, work, left = interrupted(tmp_path, tiny_bert, monkeypatch)
    assert last_whole(left[-1].parent) == left[-1] and len(left) == 1
    for name, damage in DAMAGES.items():
        damaged = left[-1].with_name("checkpoint-99")
        shutil.copytree(left[-1], damaged)
        damage(damaged)
        assert last_whole(left[-1].parent) == left[-1], name
        shutil.rmtree(damaged) if damaged.is_dir() else damaged.unlink()
    cut(left[-1] / "optimizer.pt")
    assert last_whole(left[-1].parent) is None
    assert tune(recipe, work=work)["went_on_from"] is None


def test_checkpoints_of_a_damaged_key_are_thrown_away(tmp_path, tiny_bert, monkeypatch):
    recipe, work, left = interrupted(tmp_path, tiny_bert, monkeypatch)
    (left[-1].parent / "key.json").write_text('{"')
    assert tune(recipe, work=work)["went_on_from"] is None


def stopping(make):
    """Evaluators that are interrupted at the third scoring: before training, at the first checkpoint, at the second."""
    seen = []

    def made(*arguments):
        evaluator = make(*arguments)

        class Stopping(type(evaluator)):
            def __call__(self, *args, **kwargs):
                seen.append(1)
                if len(seen) == 3:
                    raise KeyboardInterrupt
                return super().__call__(*args, **kwargs)

        evaluator.__class__ = Stopping
        return evaluator

    return made


def test_other_settings_do_not_go_on_from_a_checkpoint(tmp_path):
    def checkpoints(rank):
        return Job(
            None, StageRef("tune"), tmp_path / "tune", {"settings": {"rank": rank}}, {}, tmp_path
        ).checkpoints()

    folder = checkpoints(4)
    (folder / "checkpoint-5").mkdir()
    assert checkpoints(4) == folder and (folder / "checkpoint-5").exists()
    checkpoints(8)
    assert not (folder / "checkpoint-5").exists()


def test_training_may_cut_shorter_than_what_ships(tmp_path, tiny_bert):
    """Scores and the proof are taken at full length, whatever training cuts at."""
    recipe, work = prepared(tmp_path, tiny_bert, "lora", "max_tokens = 8")
    facts = tune(recipe, work=work)
    assert facts["dev_ndcg@10"]["tuned"] > 0
    assert merge(recipe, work=work)["least_cosine_to_training"] >= 0.99999


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_what_leaves_training_is_float32(tmp_path, tiny_bert, monkeypatch, precision):
    """Accelerate leaves its autocast to bfloat16 around the model."""
    monkeypatch.setattr(arguments, "bf16", lambda: precision == "bfloat16")
    recipe, work = prepared(tmp_path, tiny_bert, "lora")
    assert tune(recipe, work=work)["precision"] == precision
    assert merge(recipe, work=work)["least_cosine_to_training"] >= 0.99999


def test_the_merged_folder_cuts_where_the_base_does(tmp_path, tiny_bert):
    base = shutil.copytree(tiny_bert, tmp_path / "base")
    (base / "sentence_bert_config.json").write_text('{"max_seq_length": 40}')
    recipe, work = prepared(tmp_path / "data", base, "lora")
    tune(recipe, work=work)
    assert read_embedder(Path(merge(recipe, work=work)["folder"])).max_tokens == 40


@pytest.mark.parametrize("side", ["both", "question"])
def test_two_processes(tmp_path, tiny_bert, side):
    """`accelerate launch` as for two GPUs; it starts them as well where there is none.

    The base's vectors of the passages, which only question-side tuning reads, are made by the first of them.
    """
    recipe, work = prepared(tmp_path, tiny_bert, "lora", f'max_tokens = 8\nside = "{side}"')
    two = ["--multi_gpu", "--num_processes", "2", "--num_machines", "1", "--main_process_port", "0"]
    launch = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        *two,
        "--mixed_precision",
        "no",
        "--dynamo_backend",
        "no",
        "-m",
    ]
    command = [*launch, "pocketrag.cli", "tune", recipe, "--work", work, "--json"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    facts = json.loads((Path(work) / "tiny" / "tune" / "manifest.json").read_text())["facts"]
    assert facts["processes"] == 2 and facts["steps"] >= 1
    assert merge(recipe, work=work)["least_cosine_to_training"] >= 0.99999
