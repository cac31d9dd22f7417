"""How large an encoder's intermediates become over texts: what passes each module, and everything else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.hooks import RemovableHandle

from pocketrag.console import progress
from pocketrag.formats.tokenizer import padded as right_padded
from pocketrag.formats.tokenizer import shortest

from ..model.encoder import Encoder
from ..model.rms_norm import RmsNorm
from .exponents import NORMAL

NORMS = (RmsNorm, nn.LayerNorm)
#: The modules whose inputs and outputs are watched; whatever lies between them is seen as everything is.
WATCHED = (*NORMS, nn.Linear, nn.Embedding)


@dataclass
class Passed:
    """The largest of what went into a module and came out of it. Lengths are Euclidean, of the last axis."""

    given: float = 0.0
    """Magnitude."""
    given_length: float = 0.0
    """In front of a norm; of a LayerNorm, without the mean."""
    given_mean_square: float = float("inf")
    """The least in front of a norm."""
    made_each: Tensor = field(default_factory=lambda: torch.zeros(1))
    """Magnitude, float32 [out]."""
    made_length: float = 0.0

    @property
    def made(self) -> float:
        """Magnitude."""
        return float(self.made_each.max())


@dataclass
class Peaks:
    """What was seen of some texts, padding included: it must not overflow either."""

    modules: dict[str, Passed] = field(default_factory=dict)
    """By the module's name in the encoder."""
    largest: float = 0.0
    """Magnitude of any operation's result, any sum of squares, any weight."""
    where: str = ""
    """Module and operation, or weight, of that."""
    values: int = 0
    """In front of the norms, zeros aside."""
    subnormal: int = 0
    """Of them, those below `NORMAL`."""

    @property
    def least_mean_square(self) -> float:
        """The least in front of any norm."""
        return min(passed.given_mean_square for passed in self.modules.values())

    def see(self, size: float, where: str) -> None:
        """Note a magnitude; one that is not a number is the largest of all."""
        if not (size <= self.largest or math.isnan(self.largest)):
            self.largest, self.where = size, where


@torch.no_grad()
def measure(
    encoder: Encoder, rows: Sequence[list[int]], lengths: Sequence[int], what: str, everything: bool = True
) -> tuple[Peaks, Tensor]:
    """Embed token id lists, each padded to the shortest length that holds it.

    Args:
        encoder: in float32.
        rows: token ids, special ones included.
        lengths: rising.
        what: for the progress bar.
        everything: see the results of all operations and not only what passes the modules, which is quicker.

    Returns:
        What was seen on the way, and the vectors float32 [n, dims].

    """
    with _watching(encoder, everything) as peaks:
        return peaks, torch.cat([encoder(padded(encoder, row, lengths)) for row in progress(rows, what)])


def padded(encoder: Encoder, row: list[int], lengths: Sequence[int]) -> Tensor:
    """Return token ids as int32 [1, L], L the shortest of `lengths` that holds them."""
    return torch.tensor([right_padded(row, shortest(lengths, len(row)), encoder.padding)], dtype=torch.int32)


class _Everything(TorchDispatchMode):
    """Sees the result of every operation that torch really runs."""

    def __init__(self, peaks: Peaks) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peaks, self.inside = peaks, [""]

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: tuple[type, ...],
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, list | tuple) else (result,):
            if isinstance(tensor, Tensor) and tensor.is_floating_point() and tensor.numel():
                self.peaks.see(_size(tensor), f"{self.inside[-1]} {func.overloadpacket.__name__}".strip())
        return result


@contextmanager
def _watching(encoder: Encoder, everything: bool) -> Iterator[Peaks]:
    peaks = Peaks()
    mode = _Everything(peaks)
    hooks: list[RemovableHandle] = []
    for name, weight in encoder.named_parameters():
        peaks.see(_size(weight), name)
    for name, module in encoder.named_modules():
        hooks.append(module.register_forward_pre_hook(_enter(mode, name)))
        if isinstance(module, WATCHED):
            passed = peaks.modules[name] = Passed()
            hooks.append(module.register_forward_pre_hook(_before(peaks, name, passed)))
            hooks.append(module.register_forward_hook(_after(passed)))
        hooks.append(module.register_forward_hook(_leave(mode)))
    try:
        seeing: AbstractContextManager[object] = mode if everything else nullcontext()
        with seeing:
            yield peaks
    finally:
        for hook in hooks:
            hook.remove()


def _enter(mode: _Everything, name: str) -> Callable[..., None]:
    return lambda *_: mode.inside.append(name)


def _leave(mode: _Everything) -> Callable[..., None]:
    def hook(*_: object) -> None:
        mode.inside.pop()  # and not returned: that would be the module's result

    return hook


def _before(peaks: Peaks, name: str, passed: Passed) -> Callable[..., None]:
    def hook(module: nn.Module, arguments: tuple[Tensor]) -> None:
        x = arguments[0]
        if x.is_floating_point():  # a table is given ids
            passed.given = max(passed.given, _size(x))
        if isinstance(module, NORMS):
            _norm(peaks, name, passed, x - x.mean(-1, True) if isinstance(module, nn.LayerNorm) else x)

    return hook


def _norm(peaks: Peaks, name: str, passed: Passed, x: Tensor) -> None:
    lengths, sizes = _lengths(x), x.abs()
    longest = float(lengths.max())
    passed.given_length = max(passed.given_length, longest)
    peaks.see(longest**2, f"{name} sum of squares")
    passed.given_mean_square = min(passed.given_mean_square, float(lengths.min()) ** 2 / x.shape[-1])
    peaks.values += int((sizes > 0).sum())
    peaks.subnormal += int(((sizes > 0) & (sizes < NORMAL)).sum())


def _after(passed: Passed) -> Callable[..., None]:
    def hook(_: nn.Module, __: tuple[Tensor], result: Tensor) -> None:
        each = result.abs().reshape(-1, result.shape[-1]).amax(0)
        passed.made_each = torch.maximum(passed.made_each, each)
        passed.made_length = max(passed.made_length, float(_lengths(result).max()))

    return hook


def _lengths(x: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(x, dim=-1)
    return lengths


def _size(x: Tensor) -> float:
    low, high = torch.aminmax(x)
    return max(abs(float(low)), abs(float(high)))
