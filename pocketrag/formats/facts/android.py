"""`pocketrag aar` and `pocketrag gradle`."""

from __future__ import annotations

from .base import Count, Facts, Sha256


class AarFacts(Facts):
    """An Android archive in a Maven repository folder, and the runtime beside it."""

    implementation: str
    """What the app's build file names: `GROUP:rag-assets-NAME:VERSION@aar`."""
    runtime: str
    """And this, which opens it: `dev.pocketrag:rag-runtime:VERSION`."""
    repository: str
    """The folder."""
    aar: str
    """The archive's path."""
    bytes: Count
    sha256: Sha256
    versions: tuple[str, ...]
    """All that the repository holds of this bundle, oldest first."""
    answers: tuple[str, ...]
    """The tiers of answers that ship, which the archive names; empty where none lie beside the bundle."""
    left_out: str | None = None
    """What lies beside the bundle and is not in the archive, and why; null where there is nothing such."""


class GradleFacts(Facts):
    """A Gradle project that carries a bundle, and the runtime that opens it."""

    project: str
    """The folder."""
    bundle: str
    """The model's id."""
    pack: str
    """Play's kind of pack, and its name."""
    delivery: str
    tiers: dict[str, str]
    """Group of phones -> the id of the model that they get instead."""
    generator: str | None
    """Play's kind of pack, its name and when it comes; null where no generator ships."""
    answers: tuple[str, ...]
    """The tiers of answers that ship; empty where none lie beside the bundle."""
    npu: tuple[str, ...]
    """The systems on a chip whose phones get a file for their NPU; empty where none lie beside the bundle."""
    runtime: str
    """What an app's build file names: `dev.pocketrag:rag-runtime:VERSION`."""
    repository: str
    """The Maven repository folder that has it, in the project, and `rag-delivery` of the same version."""
    files: Count
    bytes: Count
