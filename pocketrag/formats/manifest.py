"""The bundle's manifest, contract version 2: what the app reads before it opens anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator

from pocketrag.errors import InputError

from . import files
from .bundle_encoder import Encoder, Fusion, Part, check_encoders, of_version_1
from .bundle_limits import Limits
from .embedder.embedder_spec import EmbedderSpec
from .facts.base import Source
from .facts.index import NO_QUESTIONS
from .facts.measures import Abstention, Agreement
from .identity import NAME, VERSION
from .layout import FALLBACK, Role

#: What is written, and what is read.
CONTRACT, READ = 2, (1, 2)
MANIFEST, SUMS = "manifest.json", files.SUMS


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


class Counts(Part):
    """What a verifier must find."""

    passages: int = Field(ge=1)
    golden: int = Field(ge=1)
    """Texts of the main encoder's golden file."""
    over_length: int = Field(ge=0)
    """Passages longer than the model that embedded them takes.

    `vectors.long_passages` says what became of them.
    """


class Manifest(Part):
    """`manifest.json`; one of version 1 has the form of version 2 once it is read."""

    contract: int
    """As the file says."""
    name: str = Field(pattern=NAME)
    version: str = Field(pattern=VERSION)
    model_id: str
    base_model: str
    base_revision: str | None
    verdict: Verdict
    encoders: tuple[Encoder, ...]
    """In the order in which they are asked, the main one first."""
    ladder: dict[str, Any] | None
    """What was measured of all encoders, also of those that do not ship."""
    vectors: dict[str, Any]
    limits: Limits
    """The recipe's own; `verify` holds the bundle to them."""
    counts: Counts
    files: dict[str, File]
    tools: dict[str, str]
    licences: dict[str, str]

    @field_validator("encoders")
    @classmethod
    def _fit_together(cls, encoders: tuple[Encoder, ...]) -> tuple[Encoder, ...]:
        check_encoders(encoders)
        return encoders

    @field_validator("vectors")
    @classmethod
    def _name_a_model(cls, vectors: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(vectors.get("model_id", ""), str):
            raise ValueError("model_id must be text")
        return vectors

    @property
    def vectors_model_id(self) -> str:
        """The id of the model that made the database's vectors, which the database names too.

        Bundles built before it was written name the model that asks in both places.
        """
        found: str = self.vectors.get("model_id", self.model_id)
        return found

    @property
    def main(self) -> Encoder:
        """The encoder that answers; the properties below are its own."""
        return self.encoders[0]

    @property
    def fallback(self) -> Encoder | None:
        """The encoder that answers where the main one can't."""
        return self.of_role(FALLBACK)

    @property
    def full(self) -> Encoder | None:
        """The teacher itself, where it is in the bundle."""
        return next((encoder for encoder in self.encoders if encoder.is_full), None)

    @property
    def embedder(self) -> EmbedderSpec:
        """Dims, lengths, prompts, tokenizer."""
        return self.main.embedder

    @property
    def weights(self) -> dict[str, int]:
        """Stored type -> how many of the model's weights."""
        return self.main.weights

    @property
    def agreement(self) -> Agreement | None:
        """How often it finds the reference model's own top passages."""
        return self.main.agreement

    @property
    def fusion(self) -> Fusion:
        """How the app searches."""
        return self.main.fusion

    @property
    def abstention(self) -> Abstention | None:
        """When the app had better say that it does not know."""
        return self.main.abstention

    def of_role(self, role: Role) -> Encoder | None:
        """Return the encoder of a role, where there is one."""
        return next((encoder for encoder in self.encoders if encoder.role == role), None)

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
    if isinstance(found, bool) or found not in READ:
        newer = " Take a newer pocketrag." if isinstance(found, int) and found > CONTRACT else ""
        raise InputError(
            f"{file}: contract version {found!r}; this pocketrag reads {' and '.join(map(str, READ))}.{newer}"
        )
    try:
        return Manifest.model_validate(of_version_1(values) if found == 1 else values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        # Where version 1 has the key: at the top.
        key = key.removeprefix("encoders.0.") if found == 1 else key
        raise InputError(f"{file}: `{key}`: {first['msg'].removeprefix('Value error, ')}.") from None


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


def refuse_inside(target: Path) -> None:
    """Refuse to write into a bundle or a stage, which would not be whole any more.

    Raises:
        InputError: `target` would lie in one.

    """
    if (target.parent / MANIFEST).is_file():
        raise InputError(
            f"{target}: lies in a bundle or a stage, which would not be whole any more. Choose another --out."
        )


def _free(folder: Path) -> bool:
    return folder.is_dir() and (is_ours(folder) or not any(folder.iterdir()))
