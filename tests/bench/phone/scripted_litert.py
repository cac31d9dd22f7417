"""The tests' stand-in for LiteRT-CLI's `litert`: a program on the PATH that replays transcripts, each with its source.

It takes the options that the real one has, and leaves behind the files that the real one fetches.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from scripted_adb import transcript

DEVICE = "ddp:caiman-35"


def install(folder, monkeypatch, **scenario):
    """Put `litert` and `gcloud` on the PATH; a scenario may name another help, printing, log, record (None: none) or digest."""
    root = folder / "scripted-litert"
    root.mkdir(exist_ok=True)
    (root / "scenario.json").write_text(json.dumps(scenario))
    for name in ("litert", "gcloud"):
        tool = root / name
        tool.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {__file__} "$@"\n')
        tool.chmod(0o755)
    monkeypatch.setenv("SCRIPTED_LITERT", str(root))
    monkeypatch.setenv("PATH", f"{root}:{os.environ['PATH']}")
    monkeypatch.setenv("LITERT_GCP_PROJECT", "our-project")
    return root


def calls(root):
    """All command lines so far."""
    file = root / "calls.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def main(arguments):
    root = Path(os.environ["SCRIPTED_LITERT"])
    says = json.loads((root / "scenario.json").read_text())
    if arguments == ["benchmark", "--help"]:
        sys.stdout.write(says.get("help", transcript("litert_help.txt")))
        return 0
    with (root / "calls.jsonl").open("a") as file:
        file.write(json.dumps(arguments) + "\n")
    (signature,) = (word for word in arguments if word.startswith("--signature-key=embed_"))
    folder = root / "outputs" / signature
    folder.mkdir(parents=True, exist_ok=True)
    digest = says.get("sha256") or hashlib.sha256(Path(arguments[1]).read_bytes()).hexdigest()
    length = says.get("length") or signature.rpartition("_")[2]
    write(folder / "logcat.txt", says.get("logcat", "litert_ddp_logcat.txt"), length=length)
    write(folder / "benchmark_run.txt", says.get("record", "litert_ddp_run.txt"), sha256=digest)
    name = says.get("prints", "litert_ddp.txt")
    sys.stdout.write(transcript(name).replace("{folder}", str(folder)))
    return 1 if "failed" in name else 0


def write(file, name, **values):
    if name is None:
        file.unlink(missing_ok=True)
        return
    text = transcript(name)
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    file.write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
