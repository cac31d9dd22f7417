"""`npu.json`: which NPU files belong to a bundle's model; and `pocketrag npu`, which makes them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from ..identity import NAME, VERSION
from .base import Amount, Count, Facts, Length, NumberOrNone, Score, Sha256, SourceFacts
from .outcome import GateFacts

CONTRACT: Final = 1
#: Qualcomm's names of systems on a chip, as Android's `Build.SOC_MODEL` gives them.
SOC = r"^[A-Z]{2,3}[0-9]{4}P?$"
#: One name within a folder: no separator, and no dot at its beginning.
PLAIN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
#: What a signature of the model is called: `embed_64`.
SIGNATURE = r"^[a-z]+_[0-9]{1,7}$"

#: LiteRT's names for Qualcomm's levels, of its `QualcommOptions.OptimizationLevel`.
Optimization = Literal["inference_o3", "inference", "prepare"]
Soc = Annotated[str, StringConstraints(pattern=SOC)]
Signature = Annotated[str, StringConstraints(pattern=SIGNATURE)]


class _Strict(Facts):
    """No text is taken for a number, and no number for a text: the phone does neither."""

    model_config = ConfigDict(strict=True)


class NpuFile(_Strict):
    """What is compiled for one system on a chip."""

    file: Annotated[str, StringConstraints(pattern=PLAIN)]
    """A `.tflite` beside `npu.json`, one signature a length."""
    bytes: Annotated[Count, Field(ge=1)]
    sha256: Sha256
    hexagon: Annotated[int, Field(ge=1, le=999)]
    """Version of the Hexagon processor that runs it, such as 79."""
    signatures: Annotated[tuple[Signature, ...], Field(min_length=1)]
    """As in the bundle's model, shortest first: int32[1, L] token ids to float32[1, dims]."""


class NpuProof(_Strict):
    """What the very file did with golden texts and questions."""

    how: Literal["emulated"]
    """On Qualcomm's emulator for x86-64. That is not silicon."""
    mean_cosine: NumberOrNone
    """To the float model; null where a vector was not finite."""
    least_cosine: NumberOrNone
    norm_low: NumberOrNone
    norm_high: NumberOrNone
    n: Count
    """Golden texts."""
    overlap: NumberOrNone
    """Mean share of the bundle's first ten passages that the NPU's vectors find too."""
    overlap_n: Count
    """Questions."""


class NpuSpec(Facts):
    """The file."""

    model_config = ConfigDict(strict=True)

    contract: Annotated[int, Field(ge=CONTRACT, le=CONTRACT)]
    name: Annotated[str, StringConstraints(pattern=NAME)]
    """The bundle's."""
    version: Annotated[str, StringConstraints(pattern=VERSION)]
    model: Sha256
    """Of the bundle's `embedder.tflite`, of which the files are made."""
    lengths: Annotated[tuple[Length, ...], Field(min_length=1)]
    """Tokens of the signatures, shortest first. A longer text is the CPU file's."""
    files: Annotated[dict[Soc, NpuFile], Field(min_length=1)]
    """By system on a chip."""
    tools: dict[str, str]
    """Versions of the compiler's parts."""
    proofs: dict[Soc, NpuProof]
    """By system on a chip; one that is not there was not run."""

    @model_validator(mode="after")
    def _whole(self) -> NpuSpec:
        if list(self.lengths) != sorted(set(self.lengths)):
            raise ValueError("lengths: each once, shortest first")
        for soc, file in self.files.items():
            if [int(name.rpartition("_")[2]) for name in file.signatures] != list(self.lengths):
                raise ValueError(f"files: {soc}: one signature for each of `lengths`")
        if len({file.file for file in self.files.values()}) != len(self.files):
            raise ValueError("files: each has a name of its own")
        if unknown := set(self.proofs) - set(self.files):
            raise ValueError(f"proofs: {min(unknown)} is none of `files`")
        return self


class NpuMade(Facts):
    """What compiling for one system on a chip came to."""

    hexagon: Count
    bytes: Count
    sha256: Sha256
    seconds: Amount
    """Of the compiler's process."""
    peak_bytes: Count
    """Of the compiler's process, memory."""


class NpuFacts(SourceFacts):
    """The model for NPUs, compiled ahead of time."""

    weights: str
    """How matrices are stored: the recipe's quantization, in which 4 bits became int8."""
    lengths: tuple[Length, ...]
    optimization: Optimization
    """How hard the compiler worked on speed: the recipe's `export.npu_optimization`."""
    questions: Score
    """Share of the recipe's questions that fit the longest; the rest is the CPU file's."""
    n: Count
    """Of the questions."""
    files: dict[str, NpuMade]
    """By system on a chip."""
    tools: dict[str, str]
    proofs: dict[str, NpuProof] | None = None
    """What the emulator found, by system on a chip; absent from the stage's own `manifest.json`."""
    gates: tuple[GateFacts, ...] = ()
    """The same as outcomes."""
    out: str | None = None
    """Where it was published; absent from the stage's own `manifest.json`."""
