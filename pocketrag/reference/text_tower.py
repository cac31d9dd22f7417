"""What reads texts of a model that also sees and hears, as an embedder folder of its own.

`python -m pocketrag.reference.text_tower FOLDER OUT`. EmbeddingGemma 2 is such a model: its text tower alone
gives the vectors of texts, and transformers has a class for it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.families import TOWERS, Tower
from pocketrag.formats.embedder.sentence_modules import read_part

if TYPE_CHECKING:
    from torch import Tensor

#: Configurations of what is left out, and those that are written anew.
LEFT_OUT = (
    "preprocessor_config",
    "processor_config",
    "video_preprocessor",
    "config.json",
    "model.safetensors",
)
#: What SentenceTransformer says of a module that reads texts; the rest is about other kinds of input.
SENTENCE = "sentence_bert_config.json"


def take_text_tower(folder: Path, out: Path) -> Path:
    """Write the text tower of a SentenceTransformer folder into `out`, and return that.

    Args:
        folder: of a model with several kinds of input.
        out: must not exist.

    Raises:
        InputError: the model has no such tower, or is given texts otherwise than as tokens; `out` exists.

    """
    config = read_part(folder / "config.json")
    tower = TOWERS.get(str(config.get("model_type")))
    if tower is None or not isinstance(config.get(tower.config), dict):
        raise InputError(f"{folder}: is no model of several kinds of input; known are {', '.join(TOWERS)}.")
    if out.exists():
        raise InputError(f"{out}: exists already; name another folder.")
    settings = _settings(folder / SENTENCE)
    beside = out.with_name(f"{out.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(folder, beside, ignore=_left_out)
    inner = {**config[tower.config], "model_type": tower.family}
    (beside / "config.json").write_text(files.to_json(inner), "utf-8")
    (beside / SENTENCE).write_text(files.to_json(settings), "utf-8")
    _write_weights(folder, tower, beside / "model.safetensors")
    read_embedder(beside)
    return beside.rename(out)


def _left_out(folder: str, names: list[str]) -> set[str]:
    top = (Path(folder) / "modules.json").is_file()
    return {
        name
        for name in names
        if top and (name.startswith(LEFT_OUT) or name == SENTENCE or name.endswith((".bin", ".safetensors")))
    }


def _settings(file: Path) -> dict[str, Any]:
    found = read_part(file) if file.is_file() else {}
    method = ((found.get("modality_config") or {}).get("text") or {}).get("method", "forward")
    if method != "forward":
        raise InputError(
            f"{file}: gives texts to the model by {method!r}, and not as tokens alone; its text tower by "
            "itself would give other vectors."
        )
    return {key: found[key] for key in ("max_seq_length", "do_lower_case") if key in found}


def _write_weights(folder: Path, tower: Tower, file: Path) -> None:
    from safetensors import safe_open
    from safetensors.torch import save_file

    found: dict[str, Tensor] = {}
    for part in sorted(folder.glob("*.safetensors")):
        with safe_open(part, framework="pt") as stored:
            for name in stored.keys():  # noqa: SIM118 - safe_open is not a mapping
                if prefix := next((one for one in tower.prefixes if name.startswith(one)), None):
                    found[name.removeprefix(prefix)] = stored.get_tensor(name)
    if not found:
        raise InputError(f"{folder}: holds no weights that begin with {tower.prefixes[-1]!r}.")
    save_file(found, file, metadata={"format": "pt"})


def main(arguments: list[str] | None = None) -> int:
    """Write one from the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pocketrag.reference.text_tower", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the whole model, with modules.json")
    parser.add_argument("out", type=Path, help="folder to write")
    named = parser.parse_args(arguments)
    try:
        print(take_text_tower(named.folder, named.out))  # noqa: T201 - the answer
    except InputError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the message
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
