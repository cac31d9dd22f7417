"""Is this machine fit to train? Accelerator, packages, tracker and disk, asked without importing torch."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib import metadata, util
from pathlib import Path
from typing import Any

from pocketrag.formats import files
from pocketrag.formats.facts.outcome import Outcome
from pocketrag.formats.gate import failed, judged, passed, unchecked
from pocketrag.formats.split import Split
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import Recipe
from pocketrag.recipe.students import StaticStudent

#: Merged model, float32 .tflite, quantized, bundle, published bundle, and what lies half-done beside them.
COPIES = 4
#: Packages that tuning needs, with the least version where one is known: sentence-transformers 3 brought the
#: trainer, transformers 4.56 brought EmbeddingGemma (https://huggingface.co/google/embeddinggemma-300m).
NEEDED = {
    "torch": "",
    "sentence-transformers": "3",
    "transformers": "4.56",
    "peft": "",
}
#: How trackers are installed, and whether they work without an account.
TRACKERS = {"tensorboard": True, "wandb": False, "trackio": True}
#: A T4's memory in MB as its driver reports it with error correction on: the least for EmbeddingGemma,
#: float32 weights of 1.2 GB.
T4 = 15_000
#: Smaller models need less, by the same ratio.
MEMORY_A_WEIGHT = T4 / 1_211
#: Enough for batches of 128 without cutting them up.
A100 = 40_000
#: Training speed on a CPU core, measured: cached MNRL with LoRA on EmbeddingGemma, 16 pairs of about 31 + 163
#: tokens on 2 quiet cores in 20.5 s in float32, 8.2 s in bfloat16; in proportion to the weights outside the
#: vocabulary's table, there 107 million.
TOKENS_A_SECOND, WEIGHTS = {"float32": 76, "bfloat16": 189}, 107e6
#: What Linux calls processors' own bfloat16 products: Intel's and AMD's. Elsewhere they are emulated, slower
#: than float32.
BFLOAT16 = {"avx512_bf16", "amx_bf16"}
#: Characters a token: French chunks of 614 characters had 185 tokens (both medians, EmbeddingGemma's
#: tokenizer).
CHARACTERS = 3.3


def packages(recipe: Recipe) -> Outcome:
    """Say which packages are missing or too old."""
    needed = {**NEEDED, **({"bitsandbytes": ""} if recipe.train.method == "qlora" else {})}
    found = {name: version(name) for name in needed}
    missing = [name for name, there in found.items() if there is None]
    old = [
        f"{name} {there} < {needed[name]}"
        for name, there in found.items()
        if there and not at_least(there, needed[name])
    ]
    if missing or old:
        named = "; ".join(
            part for part in (f"missing {', '.join(missing)}" if missing else "", ", ".join(old)) if part
        )
        mend = "bitsandbytes" if missing == ["bitsandbytes"] else "'pocketrag[train]'"
        return failed(f"{named}: pip install {mend}")
    return passed(", ".join(f"{name} {there}" for name, there in found.items()))


def tracker(recipe: Recipe) -> Outcome:
    """Say whether the trackers of every `report_to` are installed.

    Whether an account is logged in can't be known offline.
    """
    wanted = trackers(recipe)
    if not wanted:
        return passed("none asked for; losses and development scores are kept in tune's manifest.json")
    if missing := [name for name in wanted if util.find_spec(name) is None]:
        return failed(f"`report_to`: missing {', '.join(missing)}; pip install {' '.join(missing)}")
    if logins := [
        name for name in wanted if not TRACKERS[name] and os.environ.get("WANDB_MODE") != "offline"
    ]:
        return unchecked(f"{', '.join(logins)} is installed; whether you are logged in only its server knows")
    return passed(f"{', '.join(wanted)}, which writes to this disk")


def trackers(recipe: Recipe) -> tuple[str, ...]:
    """Return the trackers that tuning, the training of students and that of a generator report to."""
    students = [recipe.students[name] for name in recipe.taught]
    followed = [one.report_to for one in (recipe.train, *students) if not isinstance(one, StaticStudent)]
    if recipe.generator and recipe.generator.method != "none":
        followed.append(recipe.generator.report_to)
    return tuple(dict.fromkeys(name for names in followed for name in names))


def accelerator(recipe: Recipe, split: Split | None, folder: Path | None) -> Outcome:
    """Say what trains and, on a CPU, for how long."""
    megabytes = gpu_memory()
    if megabytes is None and recipe.train.method == "qlora":
        return failed('none, and QLoRA needs a CUDA GPU; choose `train.method` "lora"')
    if megabytes is None:
        return passed(f"none; {_cpu(recipe, split, folder)}")
    if megabytes == 0:
        return unchecked("an NVIDIA GPU; nvidia-smi does not tell its memory, and 15 GB are needed")
    needed = min(T4, MEMORY_A_WEIGHT * _bytes(folder) / 1e6) if folder else T4
    there = f"an NVIDIA GPU with {megabytes / 1000:.1f} GB"
    if megabytes < needed:
        mend = "take a T4 or better, or train on the CPU with CUDA_VISIBLE_DEVICES="
        return failed(f"{there}; this model needs {needed / 1000:.1f}: {mend}")
    return passed(there + ("" if megabytes >= A100 else "; an A100 is advised for large batches"))


def disk(folder: Path | None, work: Path) -> Outcome:
    """Say whether the stages fit on the disk."""
    if folder is None:
        return unchecked("the base model is not here, so its size is unknown")
    needed = COPIES * _bytes(folder) / 1e9 + 0.1
    parent = next(p for p in (work, *work.absolute().parents) if p.exists())
    free = shutil.disk_usage(parent).free / 1e9
    detail = f"{free:.1f} GB free at {parent}, a build needs {needed:.1f} GB"
    return judged(free > needed, detail)


def gpu_memory() -> int | None:
    """Return the memory of the smallest visible NVIDIA GPU in MB.

    0 where it can't be told, None without a GPU.
    """
    if not Path("/dev/nvidia0").exists() or os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return None
    try:
        asked = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits", *_visible()]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603 - no input of anyone's
        return min(int(line) for line in done.stdout.split())
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0


def _visible() -> list[str]:
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    return ["-i", chosen] if chosen else []


def has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Say whether this processor multiplies in bfloat16; no where it can't be told."""
    return cpuinfo.is_file() and not BFLOAT16.isdisjoint(cpuinfo.read_text("utf-8", "replace").split())


def version(package: str) -> str | None:
    """Return the installed version of a package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def at_least(there: str, needed: str) -> bool:
    """Compare versions by their leading numbers: 4.56.0.dev0 is at least 4.56."""
    return _numbers(there) >= _numbers(needed)


def _numbers(version: str) -> list[int]:
    numbers = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return numbers


def _cpu(recipe: Recipe, split: Split | None, folder: Path | None) -> str:
    cores = os.cpu_count() or 1
    if recipe.train.method == "none":
        return "a CPU is enough to build without tuning"
    if split is None or folder is None:
        return f"tuning would run on {cores} CPU cores; for how long can't be told without data and model"
    precision = "bfloat16" if has_bfloat16() else "float32"
    tokens, speed = (
        tokens_of(recipe, split),
        TOKENS_A_SECOND[precision] * cores * WEIGHTS / encoder_weights(folder),
    )
    minutes = tokens * recipe.train.epochs / speed / 60
    return (
        f"tuning on {cores} CPU cores takes about {minutes:.0f} minutes beside its evaluations "
        f"({tokens:,.0f} tokens x "
        f"{recipe.train.epochs} epochs at {speed:,.0f} tokens/s, from EmbeddingGemma's measured "
        f"{TOKENS_A_SECOND[precision]} a core in {precision})"
    )


def tokens_of(recipe: Recipe, split: Split) -> float:
    """Estimate the tokens of one epoch.

    Every pair's question, answer and negatives, cut at `train.max_tokens`; with fixed passages the question
    and its prompt alone.
    """
    longest = recipe.train.max_tokens
    if recipe.train.by_questions:
        ask = prompts_of(recipe).ask
        return sum(min(longest, len(ask(q.text)) / CHARACTERS) for q, _ in split.pairs)
    passages = {p.id: min(longest, (len(p.title) + len(p.text)) / CHARACTERS) for p in split.pool}
    mean = sum(passages.values()) / len(passages)
    return sum(
        min(longest, len(q.text) / CHARACTERS) + passages[p] + recipe.train.negatives * mean
        for q, p in split.pairs
    )


def encoder_weights(folder: Path) -> float:
    """Return the weights of the model in `folder` that are not in its vocabulary's table."""
    config: dict[str, Any] = files.read_json(folder / "config.json")
    size = 2 if "16" in str(config.get("dtype") or config.get("torch_dtype")) else 4
    table = int(config.get("vocab_size", 0)) * int(config.get("hidden_size", 0))
    return max(_bytes(folder) / size - table, 1.0)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
