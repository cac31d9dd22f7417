"""An open bundle that several requests ask, one after another, and that may change on disk meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from pocketrag.errors import InputError
from pocketrag.formats.generator import SPEC, beside, read_generator
from pocketrag.formats.layout import MAIN, Role
from pocketrag.formats.manifest import MANIFEST, SUMS, read_manifest
from pocketrag.runtime.embedder import cores
from pocketrag.runtime.generator.answering import Generator
from pocketrag.runtime.generator.engine import LiteRtLmEngine
from pocketrag.runtime.rag import Rag, open_bundle

T = TypeVar("T")


class ServedBundle:
    """A bundle's runtimes, one for each encoder that may be asked first, in a thread of their own.

    SQLite's connections and LiteRT's interpreters belong to the thread that made them.
    """

    def __init__(self, folder: str, generator: str | None = None) -> None:
        """Open the bundle.

        Raises:
            InputError: it can't be opened, or its generator can't.

        """
        self.folder = Path(folder)
        read_manifest(self.folder)  # what is no bundle is said to be none before it is said to be gone
        self._generator_folder = _generator_of(self.folder, generator)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=self.folder.name)
        self._rags: dict[Role, Rag] = {}
        self._generator: Generator | None = None
        self._seen = _state(self.folder)
        self.manifest = read_manifest(self.folder)
        self.run(lambda: self._rag(MAIN))

    def __enter__(self) -> ServedBundle:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what was opened."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    @property
    def generates(self) -> bool:
        """Whether a generator writes answers."""
        return self._generator_folder is not None

    def ask(self, work: Callable[[Rag], T], encoder: Role = MAIN) -> T:
        """Return what `work` makes of the runtime that asks an encoder first.

        Raises:
            InputError: the bundle is gone or damaged; where it changed, it is opened anew.

        """
        return self.run(lambda: work(self._current(encoder)))

    def with_generator(self, work: Callable[[Rag, Generator | None], T]) -> T:
        """Return what `work` makes of the runtime and the generator, which is opened when it is first asked.

        Raises:
            InputError: as `ask`, and where the generator can't be opened.

        """
        return self.run(lambda: work(self._current(MAIN), self._writer()))

    def run(self, work: Callable[[], T]) -> T:
        """Return what `work` makes in this bundle's thread."""
        return self._thread.submit(work).result()

    def _current(self, encoder: Role) -> Rag:
        seen = _state(self.folder)
        if seen != self._seen:
            self._close()
            self.manifest = read_manifest(self.folder)
            self._seen = seen
        return self._rag(encoder)

    def _rag(self, encoder: Role) -> Rag:
        if encoder not in self._rags:
            self._rags[encoder] = open_bundle(self.folder, start=encoder)
        return self._rags[encoder]

    def _writer(self) -> Generator | None:
        if self._generator is None and self._generator_folder is not None:
            spec = read_generator(self._generator_folder)
            engine = LiteRtLmEngine(self._generator_folder, spec, cores())
            self._generator = Generator(engine, spec.prompt, spec.budget)
        return self._generator

    def _close(self) -> None:
        for rag in self._rags.values():
            rag.close()
        self._rags.clear()
        if self._generator is not None:
            self._generator.engine.close()
            self._generator = None


class Shelf:
    """The bundles that a server has open, by their place, and how often they were asked."""

    def __init__(self, bundles: Sequence[ServedBundle]) -> None:
        """Take open bundles."""
        self.bundles = bundles
        self.asked = 0

    def __getitem__(self, place: object) -> ServedBundle:
        """Return the bundle at a place that a request names.

        Raises:
            InputError: there is none.

        """
        if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < len(self.bundles):
            raise InputError(f"`bundle`: there are {len(self.bundles)}, numbered from 0.")
        return self.bundles[place]


def _generator_of(bundle: Path, given: str | None) -> Path | None:
    folder = Path(given) if given else beside(bundle)
    if given and not folder.is_dir():
        raise InputError(
            f"--generator {given}: no such folder; a generator's holds {SPEC} (`pocketrag pack`)."
        )
    return folder if folder.is_dir() else None


def _state(folder: Path) -> tuple[tuple[int, int, int], ...]:
    # What is replaced is another file, or of another time; its digests are compared when it is opened again.
    try:
        found = [(folder / name).stat() for name in (MANIFEST, SUMS)]
    except OSError:
        raise InputError(f"{folder}: the bundle is gone; build it again, or end the server.") from None
    return tuple((one.st_ino, one.st_mtime_ns, one.st_size) for one in found)
