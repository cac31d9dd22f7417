"""The generator beside a bundle: each part is read or measured once, when the first gate asks for it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.exam import ExamProof
from pocketrag.formats.facts.generator import MeasuredGenerator
from pocketrag.formats.generator import FILES, MODEL, SPEC, SUMS, GeneratorSpec, read_generator
from pocketrag.formats.generator.golden_answers import GeneratorGolden, read_golden
from pocketrag.formats.generator.publish import EXAM
from pocketrag.formats.manifest import MANIFEST
from pocketrag.runtime.generator.proof import measure


class PackedGenerator:
    """A generator's folder."""

    def __init__(self, folder: Path, bundle: Path | None = None) -> None:
        """Take the folder, and the bundle that it lies beside; nothing is read yet."""
        self.folder, self.bundle = folder, bundle

    @cached_property
    def spec(self) -> GeneratorSpec:
        """What it is; the model's digest was compared.

        Raises:
            InputError: it is of another contract, damaged, or not whole.

        """
        return read_generator(self.folder)

    @cached_property
    def golden(self) -> GeneratorGolden:
        """What transformers made of the golden dialogues."""
        return read_golden(self.folder)

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """What is not as it was packed."""
        try:
            found = list(_faults(self.folder, files.read_sums(self.folder)))
            found += _of_another(self.spec, self.bundle)
            _ = self.golden
        except InputError as error:
            return (str(error),)
        return tuple(found)

    @cached_property
    def whole(self) -> bool:
        """Whether every file is the one that was packed."""
        return not self.faults

    @cached_property
    def exam(self) -> ExamProof | None:
        """What its exam found; None where none was taken.

        Raises:
            InputError: it is not what `exam` writes, or is of another file.

        """
        said = self.spec.proofs.get(EXAM)
        if said is None:
            return None
        proof = ExamProof.read(said, f"{SPEC}: proofs.{EXAM}")
        if proof.file != self.spec.file.sha256:
            raise InputError(f"{SPEC}: the exam is of another {MODEL}; run `pocketrag exam` again.")
        return proof

    @cached_property
    def measured(self) -> MeasuredGenerator:
        """What LiteRT-LM makes of the golden dialogues.

        Raises:
            ModuleNotFoundError: it is not installed.
            RuntimeError: it can't open or run the model.

        """
        return measure(self.folder / MODEL, self.golden, self.spec.max_tokens)


def _of_another(spec: GeneratorSpec, bundle: Path | None) -> list[str]:
    if bundle is None or not (bundle / MANIFEST).is_file():
        return []
    said = files.read_json(bundle / MANIFEST)
    own, wanted = (spec.name, spec.version), (said.get("name"), said.get("version"))
    if own == wanted:
        return []
    return [f"{SPEC}: of {' '.join(own)}, beside {' '.join(map(str, wanted))}; run `pocketrag pack` again"]


def _faults(folder: Path, sums: dict[str, str]) -> list[str]:
    there = {path.name for path in folder.iterdir()} - {SUMS}
    found = [f"{name}: missing" for name in sorted({*FILES, *sums} - there)]
    found += [f"{name}: not listed in {SUMS}" for name in sorted(there - set(sums))]
    return found + [
        f"{name}: its SHA-256 is not what {SUMS} says"
        for name, digest in sorted(sums.items())
        if name in there and files.sha256(files.inside(folder, name)) != digest
    ]
