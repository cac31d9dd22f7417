"""What people see while a verb works.

Status lines, progress bars and tables, all on standard error but the result.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

T = TypeVar("T")

#: Standard output carries the result alone, so that `--json` can be piped.
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

#: Libraries whose warnings are of kernels for other machines, or news for their own developers.
TALKATIVE = ("bitsandbytes", "torchao", "torch.utils._pytree")
#: torch's own copies of its tree specifications call what torch has deprecated.
DEPRECATED = r"`isinstance\(treespec, LeafSpec\)` is deprecated"


def silence() -> None:
    """Silence what libraries tell their own developers; errors and all other warnings stay.

    In this process, before torch is imported, and not with POCKETRAG_DEBUG.
    """
    if os.environ.get("POCKETRAG_DEBUG"):
        return
    warnings.filterwarnings("ignore", DEPRECATED, FutureWarning)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)


def status(line: str) -> None:
    """Say what is being done."""
    err.print(f"[dim]·[/dim] {_plain(line)}")


def progress(items: Sequence[T], what: str) -> Iterable[T]:
    """Iterate with a progress bar; without a terminal it is one line at the end."""
    return track(items, description=what, console=err, transient=not err.is_terminal)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a result table; numbers are right-aligned."""
    rows = [[_cell(value) for value in row] for row in rows]
    drawn = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, name in enumerate(columns):
        drawn.add_column(
            name, justify="right" if rows and all(_numeric(row[index]) for row in rows) else "left"
        )
    for row in rows:
        drawn.add_row(*map(_plain, row))
    out.print(drawn, soft_wrap=False)


def _cell(value: Any) -> str:  # noqa: ANN401 - any scalar
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


def _numeric(cell: str) -> bool:
    return cell.replace(".", "").replace("-", "").replace("+", "").isdigit() or cell == ""


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
