"""An encoder of a bundle: a model that turns questions into vectors, and how its vectors are searched with.

All encoders of a bundle search one database, whose passages the teacher embedded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .embedder.embedder_spec import EmbedderSpec
from .facts.base import Mode
from .facts.measures import Abstention, Agreement
from .layout import FALLBACK, MAIN, ROLES, Role

#: Name and kind of the teacher itself, quantized.
FULL: Final = "full"


class Part(BaseModel):
    """A model of the manifest; unknown keys are errors, so that a typo is never a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class Encoder(Part):
    """One encoder of a bundle."""

    name: str = Field(min_length=1)
    """`full` is the teacher; any other is a student's, as the recipe names it."""
    role: Role
    kind: str
    """`full`, or how the student is made, such as `static`; every kind runs alike."""
    file: str
    golden: str
    embedder: EmbedderSpec
    weights: dict[str, int]
    """Stored type -> how many of the model's weights."""
    agreement: Agreement | None
    """How often it finds the reference model's own top passages."""
    fusion: Fusion
    abstention: Abstention | None
    evidence: dict[str, Any] | None = None
    """The ladder's row of this encoder: why it ships in its role."""

    @model_validator(mode="after")
    def _files_of_its_role(self) -> Encoder:
        files = ROLES[self.role]
        if (self.file, self.golden) != (files.model, files.golden):
            raise ValueError(
                f"the files of the role {self.role!r} are {files.model!r} and {files.golden!r}, "
                f"not {self.file!r} and {self.golden!r}"
            )
        return self

    @property
    def is_full(self) -> bool:
        """Whether it is the teacher itself, and no student of it."""
        return self.kind == FULL

    @property
    def threshold(self) -> float | None:
        """The cosine below which its best passage is probably no answer; None where nobody measured it."""
        return self.abstention.threshold if self.abstention else None


def make_encoder(
    spec: EmbedderSpec,
    fusion: Fusion,
    *,
    name: str = FULL,
    kind: str = FULL,
    role: Role = MAIN,
    weights: dict[str, int] | None = None,
    agreement: Agreement | None = None,
    abstention: Abstention | None = None,
    evidence: dict[str, Any] | None = None,
) -> Encoder:
    """Return an encoder by what is known of it; its files follow from its role.

    `weights` may be left out where nothing is written into a manifest.
    """
    return Encoder(
        name=name,
        role=role,
        kind=kind,
        file=ROLES[role].model,
        golden=ROLES[role].golden,
        embedder=spec,
        weights=weights or {},
        agreement=agreement,
        fusion=fusion,
        abstention=abstention,
        evidence=evidence,
    )


def check_encoders(encoders: Sequence[Encoder]) -> None:
    """Check that encoders can be those of one bundle.

    Raises:
        ValueError: there is not exactly one main encoder, it is not the first, there are two fallbacks, two
            have one name, one is called full and is none or the other way round, or their dims differ.

    """
    roles = [encoder.role for encoder in encoders]
    if roles.count(MAIN) != 1 or roles[0] != MAIN:
        raise ValueError(f"exactly one encoder must have the role {MAIN!r}, and be the first; found {roles}")
    if roles.count(FALLBACK) > 1:
        raise ValueError(f"at most one encoder may have the role {FALLBACK!r}; found {roles}")
    names = [encoder.name for encoder in encoders]
    if len(set(names)) < len(names):
        raise ValueError(f"two encoders have one name; found {names}")
    if odd := [encoder.name for encoder in encoders if (encoder.name == FULL) != encoder.is_full]:
        raise ValueError(f"the encoder {FULL!r}, and no other, is of the kind {FULL!r}; found {odd[0]!r}")
    dims = [encoder.embedder.dims for encoder in encoders]
    if len(set(dims)) > 1:
        raise ValueError(f"all encoders search one database and must have the same dims; found {dims}")


def of_version_1(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a manifest of contract version 1 as those of version 2.

    Its one embedder becomes the encoder `full`. Only the keys move: nothing is checked yet, and what is
    missing or unknown stays so.
    """
    moved = ("embedder", "weights", "agreement", "fusion", "abstention")
    if "encoders" in values or "ladder" in values:
        return values  # neither one nor the other
    files = ROLES[MAIN]
    encoder = {"name": FULL, "role": MAIN, "kind": FULL, "file": files.model, "golden": files.golden}
    encoder.update({key: values[key] for key in moved if key in values})
    rest = {key: value for key, value in values.items() if key not in moved}
    return {**rest, "encoders": [encoder], "ladder": None}
