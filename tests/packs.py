"""Tiny recipes with a generator, packed once; and ways to change what was packed."""

import hashlib
import json
import shutil
from pathlib import Path

from tests import language_models
from tests.conftest import once, real_cli, write_jsonl

MAX_TOKENS = 256
#: `generator.json`, but for the file's own digest.
SPEC = {
    "contract": 1, "name": "tiny", "version": "1.0.0", "base": "owner/model", "revision": None, "licence": "mit",
    "quantization": "int8", "budget": 64, "answer_tokens": 32, "max_tokens": 256, "template_sha256": "0" * 64,
    "start": {"id": None, "prepended": False}, "stop": [2], "tools": {}, "proofs": {}, "prompt": {},
}  # fmt: skip


def write_recipe(folder: Path, base: str, quantization: str, name: str = "tiny", extra: str = "") -> Path:
    """Write a corpus and a recipe whose generator is not tuned; return the recipe."""
    folder.mkdir(parents=True, exist_ok=True)
    write_jsonl(
        folder / "corpus.jsonl", [{"_id": "p1", "title": "Clocks", "text": "The arbiter may stop them."}]
    )
    file = folder / f"{name}.toml"
    file.write_text(f"""
name = "{name}"
[data]
corpus = "corpus.jsonl"
[generator]
base = "{base}"
method = "none"
licence = "apache-2.0"
quantization = "{quantization}"
max_tokens = {MAX_TOKENS}
budget = 64
answer_tokens = 32
prompt.system = "Answer."
{extra}
""")
    return file


def packed(factory, family: str, quantization: str) -> Path:
    """Return a folder with the base, the recipe `tiny.toml`, its work folder, and what `pack` published and said."""

    def make(folder):
        getattr(language_models, f"write_{family}")(folder / family)
        write_recipe(folder, family, quantization)
        done = real_cli("pack", "tiny.toml", "--json", cwd=folder, timeout=1800)
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "said.json").write_text(done.stdout)

    return once(factory, f"packed-{family}-{quantization}", make)


def generator_of(folder: Path) -> Path:
    return folder / "android_assets" / "tiny.generator"


def copied(folder: Path, target: Path) -> Path:
    """A copy of a packed generator, free to damage."""
    return Path(shutil.copytree(generator_of(folder), target))


def edit(file: Path, change) -> None:
    """Change a JSON file of a generator, and put the digests right."""
    values = json.loads(file.read_text("utf-8"))
    change(values)
    file.write_text(json.dumps(values), "utf-8")
    put_right(file.parent)


def put_right(generator: Path) -> None:
    """Write the digests of the files as they are, into `generator.json` too."""
    spec = json.loads((generator / "generator.json").read_text("utf-8"))
    content = (generator / "generator.litertlm").read_bytes()
    spec["file"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (generator / "generator.json").write_text(json.dumps(spec), "utf-8")
    names = sorted(path.name for path in generator.iterdir() if path.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256((generator / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (generator / "SHA256SUMS").write_text("".join(sums))
