"""The bundle's manifest, contract version 1: what the app reads before it opens anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pocketrag.errors import InputError

from . import files
from .bundle_limits import Limits
from .embedder.embedder_spec import EmbedderSpec
from .facts.base import Mode, Source
from .facts.index import NO_QUESTIONS
from .facts.measures import Abstention, Agreement

CONTRACT = 1
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"


class Part(BaseModel):
    """A model of the manifest; unknown keys are errors, so that a typo is never a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class File(Part):
    """One file of the bundle."""

    bytes: int
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Verdict(Part):
    """What was decided between the tuned and the base model, on which evidence."""

    ships: Source
    reason: str
    tuned: dict[str, Any] | None = None
    """The comparison in float32, before conversion."""
    shipped: dict[str, Any] | None = None
    """The comparison of what ships (quantized, int8 vectors), dense, with the base model in float32."""
    searched: dict[str, Any] | None = None
    """The same in the mode that the app searches in."""
    guard: dict[str, Any] | None = None
    """The tuned model against the base on the recipe's second evaluation set, float32."""
    accepted_regression: bool = False
    """The tuned model regressed, and ships because --accept-regression was given."""


class Fusion(Part):
    """How the app searches unless it says otherwise, and what it measured."""

    mode: Mode
    fusion: Literal["scores", "ranks"]
    """How hybrid joins both lists: min-max normalised scores, or reciprocal ranks."""
    dense_weight: float
    evidence: dict[str, Any] | None = None
    """`chosen`: what `index` measured when it chose.

    `as_shipped`: nDCG@10 of each mode on the test questions.
    """


class Counts(Part):
    """What a verifier must find."""

    passages: int = Field(ge=1)
    golden: int = Field(ge=1)
    over_length: int = Field(ge=0)
    """Passages longer than the model that embedded them takes.

    `vectors.long_passages` says what became of them.
    """


class Manifest(Part):
    """`manifest.json`."""

    contract: int
    name: str
    version: str
    model_id: str
    base_model: str
    base_revision: str | None
    verdict: Verdict
    embedder: EmbedderSpec
    weights: dict[str, int]
    """Stored type -> how many of the model's weights."""
    vectors: dict[str, Any]
    agreement: Agreement | None
    limits: Limits
    """The recipe's own; `verify` holds the bundle to them."""
    fusion: Fusion
    abstention: Abstention | None
    counts: Counts
    files: dict[str, File]
    tools: dict[str, str]
    licences: dict[str, str]

    @property
    def has_questions(self) -> bool:
        """Whether its recipe names judged questions; without them no quality can be measured."""
        chosen = (self.fusion.evidence or {}).get("chosen")
        return not (isinstance(chosen, dict) and chosen.get("questions") == NO_QUESTIONS)


def read_manifest(bundle: Path) -> Manifest:
    """Read and check a bundle's manifest.

    Raises:
        InputError: there is no bundle, or its manifest is not one of this contract.

    """
    file = bundle / MANIFEST
    if not file.is_file():
        raise InputError(
            f"{bundle}: not a bundle, {MANIFEST} is missing. Build one with `pocketrag build RECIPE`."
        )
    values = files.read_json(file)
    found = values.get("contract") if isinstance(values, dict) else None
    if found != CONTRACT:
        raise InputError(f"{file}: contract version {found!r}; this pocketrag reads {CONTRACT}.")
    try:
        return Manifest.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{file}: `{'.'.join(map(str, first['loc']))}`: {first['msg']}.") from None


def is_ours(folder: Path) -> bool:
    """Say whether a folder holds a bundle, so that it may be replaced by the next one."""
    try:
        values = files.read_json(folder / MANIFEST)
    except InputError:
        return False
    listed = (
        {*values.get("files", {}), MANIFEST, SUMS}
        if isinstance(values, dict) and "model_id" in values
        else set()
    )
    return {path.name for path in folder.iterdir()} <= listed


def claim(folder: Path) -> None:
    """Check that a bundle may be put at `folder`.

    Raises:
        InputError: something else lies there.

    """
    files.recover(folder)
    if folder.is_symlink() or (folder.exists() and not _free(folder)):
        raise InputError(
            f"{folder}: exists and is not a bundle of ours; it is left alone. Choose another "
            "--out or move it away."
        )


def _free(folder: Path) -> bool:
    return folder.is_dir() and (is_ours(folder) or not any(folder.iterdir()))
