"""What parity compares with a float embedder.

A bundle, or a `.tflite` with the tokenizer and prompts that it was made with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.bundle_check import checked
from pocketrag.formats.bundle_limits import Limits
from pocketrag.formats.data.beir import Passage
from pocketrag.formats.embedder.embedder_folder import defaults_of
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.layout import DATABASE, MODEL, SPEC
from pocketrag.formats.manifest import MANIFEST
from pocketrag.formats.tflite import weights_by_type
from pocketrag.formats.tokenizer import TokenizerSpec
from pocketrag.recipe.long_passages import LongPassages
from pocketrag.runtime import ranking
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.litert import verify_file
from pocketrag.runtime.rag import Rag
from pocketrag.runtime.ranking import DEPTH, Ranked

from ..gates.limits import FEWEST, Agreement, agreement
from ..gates.stored import unit


@dataclass(frozen=True)
class Subject:
    """A model that is open, and what it is held to."""

    name: str
    folder: Path
    """Where its tokenizer lies."""
    model: LiteRtEmbedder
    limits: Limits
    policy: LongPassages
    rag: Rag | None
    """The bundle's database; a bare model has none."""
    by_questions: bool = False
    """Whether questions alone were tuned: another model made the passages' vectors."""

    @property
    def spec(self) -> EmbedderSpec:
        """Dims, lengths, prompts, tokenizer."""
        return self.model.spec

    @property
    def wanted(self) -> Agreement:
        """What it must keep of its reference model."""
        return agreement(self.spec.quantization, self.limits)

    def passages(self) -> list[Passage]:
        """Return the bundle's passages, in the database's order; none for a bare model."""
        rows = [self.rag.database.passage(id_) for id_ in self.rag.database.ids] if self.rag else []
        return [Passage(row["id"], row["title"], row["text"]) for row in rows]

    def stored(self) -> np.ndarray | None:
        """Return the passages' vectors float32 [n, dims] where the reference model did not make them.

        None where it did.
        """
        return unit(self.rag.database.vectors) if self.rag and self.by_questions else None

    def rank(self, vector: np.ndarray, ids: list[str], embedded: np.ndarray | None) -> Ranked:
        """Rank the passages for a question's vector float32 [dims].

        The bundle's own, or those that were embedded.
        """
        if self.rag:
            return self.rag.nearest(vector, DEPTH)
        if embedded is None:
            raise InputError(f"{self.name}: a bare model has no passages; name --corpus FILE.")
        return ranking.dense_float(vector, ids, embedded, DEPTH)


@contextmanager
def opened(target: str, folder: Path) -> Iterator[Subject]:
    """Open a bundle, or a `.tflite` that was made of the embedder in `folder`.

    Raises:
        InputError: it is neither, a file of the bundle was changed, or LiteRT can't open the model.

    """
    path = Path(target)
    with ExitStack() as stack:
        if path.is_dir() and (path / MANIFEST).exists():
            yield _bundle(path, stack)
        elif path.is_file():
            yield _bare(path, folder, stack)
        else:
            raise InputError(
                f"{target}: neither a bundle nor a .tflite file. Build a bundle with "
                "`pocketrag build RECIPE`."
            )


def _bundle(path: Path, stack: ExitStack) -> Subject:
    manifest = checked(path)
    databases = {manifest.name: (path / DATABASE, manifest.vectors_model_id)}
    if (full := manifest.full) is None:
        raise InputError(
            f"{path}: holds students alone, which the gates student_* compare with their teacher. "
            "Name a bundle with the full encoder, or the .tflite of the full encoder."
        )
    rag = stack.enter_context(Rag(path, [full], databases))
    policy, by_questions = manifest.vectors["long_passages"], manifest.vectors.get("side") == "question"
    return Subject(str(path), path, rag.embedder, manifest.limits, policy, rag, by_questions)


def _bare(path: Path, folder: Path, stack: ExitStack) -> Subject:
    spec_file = path.parent / SPEC
    spec = (
        EmbedderSpec.model_validate(files.read_json(spec_file))
        if spec_file.is_file()
        else _spec(path, folder)
    )
    home = path.parent if (path.parent / spec.tokenizer.file).is_file() else folder
    # The runtime opens a folder, as on the phone: one with just these two files.
    room = Path(stack.enter_context(TemporaryDirectory()))
    (room / MODEL).symlink_to(path.resolve())
    (room / spec.tokenizer.file).symlink_to((home / spec.tokenizer.file).resolve())
    model = LiteRtEmbedder(room, spec)
    stack.callback(model.close)
    return Subject(str(path), room, model, Limits(), "cut", None)


def _spec(path: Path, folder: Path) -> EmbedderSpec:
    # A model from elsewhere, by the contract: one signature a length, its tokenizer and prompts the
    # embedder's own.
    interpreter = verify_file(path)
    lengths = sorted(
        int(m[1]) for name in interpreter.get_signature_list() if (m := re.fullmatch(r"embed_(\d+)", name))
    )
    if not lengths:
        raise InputError(
            f"{path}: has no signature `embed_L`, int32 [1, L] -> float32 [1, dims] "
            "(android_assets/README.md)."
        )
    output: Any = next(
        iter(interpreter.get_signature_runner(f"embed_{lengths[0]}").get_output_details().values())
    )
    stored = weights_by_type(path)
    return EmbedderSpec(
        dims=int(output["shape"][-1]),
        lengths=tuple(lengths),
        quantization=next((name for name in FEWEST if name in stored), "float32"),
        prompts=defaults_of(folder),
        tokenizer=TokenizerSpec(kind="tokenizer.json", file="tokenizer.json"),
    )
