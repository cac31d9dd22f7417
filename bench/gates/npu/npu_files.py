"""The NPU files beside a bundle: read, checked and emulated once, when the first gate asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.npu import NpuProof, NpuSpec
from pocketrag.formats.golden import Golden, Text, unpack
from pocketrag.formats.npu import AGAIN, read_npu
from pocketrag.formats.tokenizer import padded
from pocketrag.runtime.npu.compiled_file import CompiledFile, read_compiled
from pocketrag.runtime.npu.emulate import EmulatorError, emulate
from pocketrag.runtime.npu.mismatches import wrong_with
from pocketrag.runtime.ranking import cosine
from pocketrag.sampling import spread

from ..opened import Opened

#: Golden texts through the shortest length, at least where anything is to be said, and at most: that is every
#: golden question of a usual bundle. Of 12 the mean overlap is known to ± .03, of 32 to ± .017.
LEAST, MOST = 12, 32
#: Golden texts through each further length.
FURTHER = 6


@dataclass(frozen=True)
class Ran:
    """What the emulator gave of one file."""

    asked: tuple[tuple[Text, int], ...]
    """Golden texts, and the length that each went through."""
    vectors: np.ndarray
    """float32 [n, dims]; not finite where the model's arithmetic left float16."""
    trouble: str = ""
    """Why there are none."""


class NpuFiles:
    """A folder of NPU files, and the bundle that it lies beside."""

    def __init__(self, folder: Path, full: Opened | None) -> None:
        """Take the folder, and the bundle's full model, where it has one; nothing is read yet."""
        self.folder, self.full = folder, full

    @cached_property
    def spec(self) -> NpuSpec:
        """What they are; all digests were compared.

        Raises:
            InputError: a file is missing or damaged.

        """
        return read_npu(self.folder)

    @cached_property
    def compiled(self) -> dict[str, CompiledFile]:
        """What was compiled, by system on a chip.

        Raises:
            InputError: a file can't be read.

        """
        return {soc: read_compiled(self.folder / file.file) for soc, file in self.spec.files.items()}

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """What keeps them from being run: not whole, not of this bundle, or not for their systems."""
        try:
            return tuple(self._faults())
        except InputError as error:
            return (str(error),)

    @cached_property
    def ran(self) -> dict[str, Ran]:
        """What the emulator made of the golden texts, by system on a chip."""
        return {soc: self._run(file) for soc, file in self.compiled.items()}

    @cached_property
    def proofs(self) -> dict[str, NpuProof]:
        """The same as figures; a file that gave no vectors has none."""
        return {soc: self._proof(ran) for soc, ran in self.ran.items() if not ran.trouble}

    def _faults(self) -> Iterator[str]:
        spec = self.spec
        if self.full is None:
            yield "the bundle ships no full model, and these are one's; leave out `export.npu`"
            return
        manifest, model = self.full.manifest, self.full.bundle / self.full.encoder.file
        if (spec.name, spec.version) != (manifest.name, manifest.version):
            theirs, ours = f"{spec.name!r} {spec.version}", f"{manifest.name!r} {manifest.version}"
            yield f"the files are of {theirs}, and the bundle is {ours}; {AGAIN}"
        if files.sha256(model) != spec.model:
            yield f"made of another {model.name} than the bundle's; {AGAIN}"
        for soc, compiled in self.compiled.items():
            yield from wrong_with(soc, compiled, spec, self.full.encoder.embedder.dims)

    def _run(self, file: CompiledFile) -> Ran:
        assert self.full is not None  # noqa: S101 - faults say so before
        asked, pad = plan(self.full.golden, self.spec.lengths), self.full.encoder.embedder.tokenizer.pad
        try:
            vectors = emulate(file.file, [padded(text.ids, length, pad) for text, length in asked])
        except EmulatorError as error:
            return Ran(asked, np.zeros((0, 0), np.float32), str(error))
        return Ran(asked, vectors)

    def _proof(self, ran: Ran) -> NpuProof:
        assert self.full is not None  # noqa: S101
        twins = [unpack(text.twin, self.full.encoder.embedder.dims) for text, _ in ran.asked]
        norms = np.linalg.norm(ran.vectors, axis=1)
        cosines = np.array([cosine(a, b) for a, b in zip(ran.vectors, twins, strict=True)])
        shares = list(self._shares(ran, twins))
        return NpuProof(
            how="emulated",
            mean_cosine=_rounded(cosines.mean()),
            least_cosine=_rounded(cosines.min()),
            norm_low=_rounded(norms.min()),
            norm_high=_rounded(norms.max()),
            n=len(cosines),
            overlap=_rounded(np.mean(shares)) if shares else None,
            overlap_n=len(shares),
        )

    def _shares(self, ran: Ran, twins: Sequence[np.ndarray]) -> Iterator[float]:
        # Of each question, how many of the float model's top passages are found.
        assert self.full is not None  # noqa: S101
        for (text, _), vector, twin in zip(ran.asked, ran.vectors, twins, strict=True):
            if text.question is not None:
                yield self.full.overlap(vector, twin)


def plan(golden: Golden, lengths: Sequence[int]) -> tuple[tuple[Text, int], ...]:
    """Return which golden texts go through which length: questions before passages.

    The shortest length gets up to `MOST` questions that fit, and other texts where these are fewer than
    `LEAST`; each further one `FURTHER`, of those that fit no shorter one where there are some.
    """
    found: list[tuple[Text, int]] = []
    for number, length in enumerate(lengths):
        count, least, shorter = (MOST, LEAST, 0) if number == 0 else (FURTHER, FURTHER, lengths[number - 1])
        fitting = [text for text in golden.texts if len(text.ids) <= length]
        longer = [text for text in fitting if len(text.ids) > shorter] or fitting
        questions = [text for text in longer if text.question is not None]
        chosen = spread(questions, count)
        others = [text for text in longer if text.question is None]
        chosen += spread(others, least - len(chosen)) if len(chosen) < least else []
        found += [(text, length) for text in chosen]
    return tuple(found)


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 6)
