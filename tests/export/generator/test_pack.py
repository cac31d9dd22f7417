"""`pocketrag pack`: a tiny Qwen2 in int4 and a tiny Gemma 3 in float32, as LiteRT-LM runs them; and bad input."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pocketrag.export.generator import room

from pocketrag.cli.commands.pack import pack
from pocketrag.errors import GateError, InputError
from pocketrag.formats.generator import FILES, SUMS, read_generator
from pocketrag.formats.generator.language_model import read_language_model
from tests.conftest import real_cli
from tests.language_models import write_qwen2
from tests.packs import generator_of, write_recipe


def said(folder):
    return json.loads((folder / "said.json").read_text("utf-8"))


@pytest.mark.parametrize("family", ["packed_qwen", "packed_gemma"])
def test_the_float_model_writes_what_transformers_writes(request, family):
    facts = said(request.getfixturevalue(family))["float32"]
    greedy, prompts = facts["greedy"], facts["prompts"]
    assert (greedy["equal"], greedy["prompts"], greedy["tokens"]) == (20, 20, 24), greedy["first_difference"]
    assert prompts["texts"] == prompts["ids"] == prompts["counts"] == prompts["dialogues"] == 12
    assert greedy["log_likelihood"] == pytest.approx(greedy["log_likelihood_float"], abs=0.5)


def test_the_template_writes_the_start_token_and_the_runtime_none(packed_gemma):
    facts, spec = said(packed_gemma), read_generator(generator_of(packed_gemma))
    assert facts["start"] == spec.start.id == 2 and facts["measured"]["start"] is None
    assert not spec.start.prepended and spec.stop == tuple(facts["stop"]) == (1, 5)


def test_what_is_published(packed_qwen):
    folder, facts = generator_of(packed_qwen), said(packed_qwen)
    assert {path.name for path in folder.iterdir()} == {*FILES, SUMS}
    spec = read_generator(folder)
    assert (spec.name, spec.base, spec.quantization, spec.start.id) == ("tiny", "qwen2", "int4", None)
    assert spec.file.sha256 == facts["sha256"] and facts["out"] == "android_assets/tiny.generator"
    assert "qwen2, licence: apache-2.0" in (folder / "NOTICE").read_text()
    sums = dict(reversed(line.split("  ")) for line in (folder / SUMS).read_text().splitlines())
    assert sums == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    assert facts["zero_blocks"] > 0, "the row of the padding token is zero"


def test_two_packs_in_two_processes_are_the_same_bytes(packed_gemma, tmp_path):
    shutil.copytree(packed_gemma / "gemma3", tmp_path / "elsewhere" / "gemma3")
    write_recipe(tmp_path / "elsewhere", "gemma3", "float32")
    done = real_cli("pack", "tiny.toml", cwd=tmp_path / "elsewhere", timeout=1800)
    assert done.returncode == 0, done.stderr[-3000:]
    first, second = generator_of(packed_gemma), generator_of(tmp_path / "elsewhere")
    for name in (*FILES, SUMS):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_packing_again_is_compared(packed_qwen, tmp_path, monkeypatch):
    here = shutil.copytree(packed_qwen, tmp_path / "copy")
    monkeypatch.chdir(here)

    def second(command, **_):
        made = shutil.copytree(generator_of(here), command[command.index("--out") + 1])
        if "other" in os.environ:
            (Path(made) / "generator.litertlm").write_bytes(b"other")
        return subprocess.CompletedProcess(command, int("failing" in os.environ))

    monkeypatch.setattr(subprocess, "run", second)
    assert pack("tiny.toml", again=True).again == "same"
    for how, match in (("other", "gave other bytes"), ("failing", "packing again failed")):
        monkeypatch.setenv(how, "1")
        with pytest.raises(GateError, match=match):
            pack("tiny.toml", again=True)


def test_what_is_there_is_not_packed_again(packed_qwen):
    before = (generator_of(packed_qwen) / SUMS).stat().st_mtime_ns
    done = real_cli("pack", "tiny.toml", "--json", cwd=packed_qwen)
    assert done.returncode == 0 and "pack: unchanged" in done.stderr
    assert (generator_of(packed_qwen) / SUMS).stat().st_mtime_ns == before


@pytest.fixture
def recipe(tmp_path, monkeypatch):
    write_qwen2(tmp_path / "qwen2")
    monkeypatch.chdir(tmp_path)
    return write_recipe(tmp_path, "qwen2", "int8")


def refuses(recipe, match, **more):
    with pytest.raises(InputError, match=match):
        pack(str(recipe), **more)
    assert not list(recipe.parent.glob("work/tiny/pack/*"))


def test_a_recipe_without_a_generator(recipe):
    recipe.write_text(recipe.read_text().partition("[generator]")[0])
    refuses(recipe, r"nothing to pack: no \[generator\]")


def test_too_little_memory_and_no_space(recipe, monkeypatch):
    monkeypatch.setattr(room, "free_memory", lambda: 500_000_000)
    refuses(recipe, r"takes about 0\.9 GB of memory, and 0\.5 GB are free")
    monkeypatch.undo()
    monkeypatch.chdir(recipe.parent)
    monkeypatch.setattr(room, "free_disk", lambda folder: 1000)
    refuses(recipe, "no space: packing takes about")


def test_no_space_leaves_the_earlier_generator_whole(packed_qwen, tmp_path, monkeypatch):
    here = shutil.copytree(packed_qwen, tmp_path / "copy")
    before = {path: path.read_bytes() for path in generator_of(here).iterdir()}
    recipe = here / "tiny.toml"
    recipe.write_text(recipe.read_text().replace('"int4"', '"int8"'))
    monkeypatch.chdir(here)
    monkeypatch.setattr(room, "free_disk", lambda folder: 1000)
    with pytest.raises(InputError, match="no space"):
        pack("tiny.toml")
    assert {path: path.read_bytes() for path in generator_of(here).iterdir()} == before


def test_something_else_lies_where_the_generator_goes(recipe):
    (recipe.parent / "mine").mkdir()
    (recipe.parent / "mine" / "letter.txt").write_text("mine")
    refuses(recipe, "not a generator of ours", out="mine")
    assert (recipe.parent / "mine" / "letter.txt").read_text() == "mine"


def change(folder, name, **values):
    file = folder / name
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


@pytest.mark.parametrize(
    "name, values, match",
    [
        ("config.json", {"model_type": "mamba"}, "family 'mamba'"),
        ("config.json", {"auto_map": {"AutoModel": "own.Model"}}, "code of its own"),
        ("tokenizer_config.json", {"chat_template": ""}, "chat template"),
        (
            "tokenizer_config.json",
            {"chat_template": "{{ raise_exception('no') }}"},
            "fails on a plain dialogue",
        ),
        ("tokenizer_config.json", {"chat_template": "{{ messages[-1].content }}"}, "leaves out"),
        (
            "tokenizer_config.json",
            {"chat_template": "{% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}"},
            "no token of its own",
        ),
    ],
)
def test_a_base_that_can_not_be_packed(recipe, name, values, match):
    change(recipe.parent / "qwen2", name, **values)
    refuses(recipe, match)


def test_pickled_weights_are_not_loaded(recipe):
    weights = recipe.parent / "qwen2" / "model.safetensors"
    weights.rename(weights.with_name("pytorch_model.bin"))
    refuses(recipe, "safetensors")


def test_weights_that_are_missing(recipe):
    from safetensors.torch import load_file, save_file

    file = recipe.parent / "qwen2" / "model.safetensors"
    kept = load_file(file)
    kept.pop("model.layers.1.mlp.up_proj.weight")
    save_file(kept, file, metadata={"format": "pt"})
    assert read_language_model(file.parent).parameters > 0
    refuses(recipe, "weights are missing or of another shape: model.layers.1.mlp.up_proj.weight")
