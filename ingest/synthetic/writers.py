"""Where questions come from: the recipe's own generator, any `.litertlm`, or an OpenAI-compatible server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pocketrag.chat_endpoint import ChatEndpoint
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.base import JsonObject
from pocketrag.formats.generator import SPEC, beside, read_generator
from pocketrag.runtime.embedder import cores
from pocketrag.runtime.generator.engine import Engine, LiteRtLmEngine

SUFFIX = ".litertlm"
#: The first bytes of such a file.
MAGIC = b"LITERTLM"
#: Most tokens that a model is given, prompt and answer together: a passage and a dozen questions.
MOST_TOKENS, ANSWER_TOKENS = 4096, 512
#: Of a server's model: room for two dozen questions, and for one that thinks aloud before.
SERVER_TOKENS = 1024
#: Of a server's model: questions differ, and with a seed are still the same, as far as the server can.
TEMPERATURE = 0.7


class Writer(Protocol):
    """What answers a prompt."""

    @property
    def name(self) -> str:
        """What its questions say wrote them."""
        ...

    @property
    def identity(self) -> JsonObject:
        """All that decides what it writes: a kept answer is one of the same identity."""
        ...

    def write(self, prompt: str) -> str:
        """Return its answer to a prompt.

        Raises:
            InputError: it can't be asked, and no other prompt would change that.
            GenerationError: it could not answer this one.

        """
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


@dataclass(frozen=True)
class Local:
    """LiteRT-LM on this machine, greedy."""

    name: str
    identity: JsonObject
    engine: Engine

    def write(self, prompt: str) -> str:
        """Return the answer, whole."""
        return "".join(self.engine.generate([{"role": "user", "content": prompt}]))

    def close(self) -> None:
        """Give the model's memory back."""
        self.engine.close()


@dataclass(frozen=True)
class Remote:
    """A model behind an OpenAI-compatible address."""

    endpoint: ChatEndpoint
    seed: int

    @property
    def name(self) -> str:
        """As the server calls it."""
        return self.endpoint.name

    @property
    def identity(self) -> JsonObject:
        """Address, model and temperature; the key is none of it."""
        return {"address": self.endpoint.address, "model": self.name, "temperature": TEMPERATURE}

    def write(self, prompt: str) -> str:
        """Return the answer, whole."""
        message = {"role": "user", "content": prompt}
        return self.endpoint.complete(
            [message], temperature=TEMPERATURE, seed=self.seed, max_tokens=SERVER_TOKENS
        )

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True)
class _Room:
    max_tokens: int
    answer_tokens: int


def writer_of(generator: str | None, model: str | None, recipe: str, seed: int) -> Writer:
    """Return what writes the questions.

    Args:
        generator: an address, a generator's folder, a `.litertlm`; by default the folder beside the
            recipe's bundle.
        model: of an address: its name there.
        recipe: the recipe's name.
        seed: for an address.

    Raises:
        InputError: it is none of these, or can't be opened.

    """
    if generator is not None and generator.lower().startswith(("http://", "https://")):
        return Remote(ChatEndpoint(generator, model, option="--generator", model_option="--model"), seed)
    if model is not None:
        raise InputError(f"--model {model}: is for an address; --generator names none.")
    folder = Path(generator) if generator else beside(Path("android_assets", recipe))
    if (folder / SPEC).is_file():
        return _packed(folder)
    if folder.is_file() and generator:
        return _bare(folder)
    missing = "no such file or folder" if not folder.exists() else f"holds no {SPEC}"
    named = f"--generator {folder}: {missing}; " if generator else f"{folder}: {missing}; "
    raise InputError(
        f"{named}`pocketrag pack` makes the recipe's [generator], and --generator takes a {SUFFIX} file "
        "or the "
        "address of an OpenAI-compatible server."
    )


def _packed(folder: Path) -> Writer:
    spec = read_generator(folder)
    return Local(
        f"{spec.name} {spec.version}",
        {"sha256": spec.file.sha256, "answer_tokens": spec.answer_tokens},
        LiteRtLmEngine(folder, spec, cores()),
    )


def _bare(file: Path) -> Writer:
    with file.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise InputError(
                f"--generator {file}: not a {SUFFIX} file (it does not begin with {MAGIC.decode()})."
            )
    longest = _context(file)
    room = _Room(longest, min(ANSWER_TOKENS, longest // 2))
    digest = files.sha256(file)
    try:
        engine = LiteRtLmEngine(file.parent, room, cores(), file.name)
    except InputError as error:
        raise InputError(f"--generator {error}") from None
    return Local(file.stem, {"sha256": digest, "answer_tokens": room.answer_tokens}, engine)


def _context(file: Path) -> int:
    import litert_lm

    model_info: Callable[[str], object] = litert_lm.ModelInfo
    try:
        longest = int(getattr(model_info(str(file)), "max_context_tokens", 0) or 0)
    except (RuntimeError, OSError) as error:
        raise InputError(f"--generator {file}: LiteRT-LM can't read it ({error}).") from None
    return min(longest, MOST_TOKENS) if longest > 0 else MOST_TOKENS
