"""The folder of a generator: `generator.litertlm`, and `generator.json`, which says how it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from pocketrag.errors import InputError

from .. import files
from ..facts.base import Count, Sha256, validated
from .golden_answers import GOLDEN
from .prompt_templates import GeneratorPrompt

CONTRACT: Final = 1
MODEL = "generator.litertlm"
SPEC = "generator.json"
NOTICE = "NOTICE"
SUMS = files.SUMS
#: What `SHA256SUMS` lists.
FILES = (MODEL, SPEC, GOLDEN, NOTICE)
#: Beside a bundle, `android_assets/NAME`, lies its generator, `android_assets/NAME.generator`.
SUFFIX = ".generator"


class GeneratorFile(BaseModel):
    """Size and digest of `generator.litertlm`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: Count
    sha256: Sha256


class StartToken(BaseModel):
    """What a prompt begins with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int | None
    prepended: bool
    """Whether the runtime puts it there; the chat template must not do that too."""


class GeneratorSpec(BaseModel):
    """`generator.json`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    contract: Literal[1]
    name: str
    version: str
    base: str
    revision: str | None = None
    licence: str = ""
    quantization: str
    file: GeneratorFile
    prompt: GeneratorPrompt
    budget: Annotated[int, Field(ge=1)]
    answer_tokens: Annotated[int, Field(ge=1)]
    max_tokens: Annotated[int, Field(ge=1)]
    template_sha256: Sha256 | None = None
    start: StartToken
    stop: tuple[int, ...]
    tools: dict[str, str] = {}
    proofs: dict[str, JsonValue] = {}


def beside(bundle: Path) -> Path:
    """Return where the generator of a bundle lies, if it has one."""
    return files.beside(bundle, SUFFIX)


def read_generator(folder: Path) -> GeneratorSpec:
    """Read `generator.json`, and check the digest of the model beside it.

    Raises:
        InputError: one of them is missing or damaged, or of another contract.

    """
    spec = _spec(folder / SPEC)
    model = folder / MODEL
    if not model.is_file():
        raise InputError(f"{model}: missing, or not a file. Pack the generator again (`pocketrag pack`).")
    if model.stat().st_size != spec.file.bytes or files.sha256(model) != spec.file.sha256:
        raise InputError(
            f"{model}: not the file that was packed (its SHA-256 differs). Pack the generator again "
            "(`pocketrag pack`)."
        )
    return spec


def claim(folder: Path) -> None:
    """Check that a generator may be put at `folder`.

    Raises:
        InputError: something else lies there.

    """
    if not files.is_free(folder, SPEC):
        raise InputError(
            f"{folder}: exists and is not a generator of ours; it is left alone. Choose another --out or "
            "move it away."
        )


def _spec(file: Path) -> GeneratorSpec:
    found = files.read_json(file)
    if isinstance(found, dict) and found.get("contract") not in (None, CONTRACT):
        raise InputError(
            f"{file}: contract {found['contract']}; this version of pocketrag reads {CONTRACT}. Use the "
            "pocketrag that packed it, or pack it again."
        )
    return validated(GeneratorSpec, found, str(file), "the whole")
