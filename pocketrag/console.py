"""What people see while a verb works.

Status lines, progress bars and tables, all on standard error but the result. What libraries write themselves
goes elsewhere (`cli/library_output.py`), and so does a copy of the status lines.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

T = TypeVar("T")

#: Columns of a table that no terminal shows: what people copy from a file is not to be broken.
UNBROKEN = 10_000
#: Standard output carries the result alone, so that `--json` can be piped.
out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout and sys.stdout.isatty() else UNBROKEN)
err = Console(stderr=True, soft_wrap=True, highlight=False)
#: Seconds of work from which on a line says that it is done, where there is no terminal for a bar.
WORTH_A_LINE = 2.0

#: Libraries whose warnings are of kernels for other machines, or news for their own developers.
TALKATIVE = ("bitsandbytes", "torchao", "torch.utils._pytree")
#: torch's own copies of its tree specifications call what torch has deprecated.
DEPRECATED = r"`isinstance\(treespec, LeafSpec\)` is deprecated"

_log: list[TextIO] = []
#: Stages of several that are being made, each announced by a line of its own.
_announced: list[str] = []
#: The one bar that is shown.
_shown: list[Progress] = []


def silence() -> None:
    """Silence what libraries tell their own developers; errors and all other warnings stay.

    In this process, before torch is imported, and not with POCKETRAG_DEBUG.
    """
    if os.environ.get("POCKETRAG_DEBUG"):
        return
    warnings.filterwarnings("ignore", DEPRECATED, FutureWarning)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)


def copy_to(log: TextIO | None) -> None:
    """Write status lines to this file too, with the time; None ends that."""
    _log[:] = [] if log is None else [log]


def status(line: str) -> None:
    """Say what is being done; see also `details_of`."""
    if not (_announced and _log and err.is_terminal):
        err.print(f"[dim]·[/dim] {_plain(line)}")
    for file in _log:
        file.write(f"{time.strftime('%H:%M:%S')} {line}\n")
        file.flush()


@contextmanager
def details_of(stage: str) -> Iterator[None]:
    """Keep the status lines of one stage of several off the terminal, where the log has them.

    Without a terminal, and without a log (`--verbose`), they are shown.
    """
    _announced.append(stage)
    try:
        yield
    finally:
        _announced.clear()


def progress(items: Sequence[T], what: str) -> Iterator[T]:
    """Iterate with a bar, which goes once all is done; without a terminal long work ends in a line."""
    with bar(len(items), what) as advance:
        for item in items:
            yield item
            advance(1)


@contextmanager
def bar(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Show how far some work is; what is yielded takes how many more of its parts are done.

    One bar at a time: within another one, nothing is shown. Without a terminal long work ends in a line.
    """
    if _shown:
        yield lambda _: None
        return
    began = time.monotonic()
    drawn = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=err,
        transient=True,
        disable=not err.is_terminal or err.quiet,
    )
    _shown.append(drawn)
    try:
        with drawn:
            task = drawn.add_task(what.strip(), total=total)
            yield lambda parts: drawn.advance(task, parts)
    finally:
        _shown.clear()
    seconds = time.monotonic() - began
    if seconds >= WORTH_A_LINE and not err.is_terminal:
        done = int(drawn.tasks[0].completed)
        count = f"{total:,}" if done == total else f"{done:,} of {total:,}"
        status(f"{what.strip()}: {count} in {seconds:,.0f} s")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a result table; numbers are right-aligned, and nothing is cut."""
    rows = [[_cell(value) for value in row] for row in rows]
    drawn = Table(
        title=title,
        title_justify="left",
        show_header=any(columns),
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for index, name in enumerate(columns):
        right = bool(rows) and all(_numeric(row[index]) for row in rows)
        drawn.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*map(_plain, row))
    if out.is_terminal:
        out.print(drawn, soft_wrap=False)
        return
    with out.capture() as drawing:
        out.print(drawn, soft_wrap=False)
    for line in drawing.get().rstrip("\n").split("\n"):
        out.print(line.rstrip(), markup=False)


def _cell(value: Any) -> str:  # noqa: ANN401 - any scalar
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


def _numeric(cell: str) -> bool:
    return cell.replace(".", "").replace("-", "").replace("+", "").isdigit() or cell == ""


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
