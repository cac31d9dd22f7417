"""What a verb of the command line is, and the options that several verbs share."""

from __future__ import annotations

import keyword
from argparse import ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """One argument of a verb; `name` is the keyword of its function. A leading `--` makes it an option."""

    name: str
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] | None = None
    default: Any = None
    type: Callable[[str], Any] = str
    flag: bool = False
    """Takes no value: given or not."""
    short: str | None = None
    """One letter behind a `-` that stands for it."""
    optional: bool = False
    """Without a leading `--`: may be left out."""
    many: bool = False
    """May be given several times; the function gets a list, or None.

    Without a leading `--`: one or more words in a row.
    """

    @property
    def keyword(self) -> str:
        """The function's keyword argument."""
        return KEYWORDS.get(self.name, self.name.lstrip("-").replace("-", "_"))


def count(text: str) -> int:
    """Read a whole number of at least 1.

    Raises:
        ArgumentTypeError: it is not; the parser puts the option's name before it.

    """
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


#: Options whose word is not fit for a Python name.
KEYWORDS = {"--for": "purpose", "--from": "documents", "-k": "limit", "--set": "new", "--id": "app"}

RECIPE = Option("recipe", "the TOML file that says what to build", "RECIPE")
BASE = Option("--base", "use this embedder folder or hub id in place of the recipe's `model.base`", "DIR")
WORK = Option("--work", "where the stages lie (default: work)", "DIR", default="work")
SOURCE = Option("--source", "which model to take (default: what the verdict says)", choices=("tuned", "base"))
MODES = ("dense", "bm25", "hybrid")
OVERRIDE = Option("--mode", "override the recipe's `search.mode`", choices=MODES)
PURPOSE = Option(
    "--for",
    "which gates must pass. build: what this machine can measure; release: the device gates too",
    choices=("build", "release"),
    default="build",
)
DEVICE = Option(
    "--device",
    (
        "measure on this attached phone, by its serial of `adb devices`, on all, or on a hosted device "
        "(docs/device.md)"
    ),
    "SERIAL|all|ddp:NAME",
)
BINARY = Option(
    "--benchmark-binary",
    "LiteRT's `benchmark_model` for arm64, which runs on the phone (docs/device.md)",
    "FILE",
)
#: How a bundle gets into an app as a Play pack.
PACKED = (
    Option("--pack", "Play's kind of pack (default: ai)", choices=("ai", "asset"), default="ai"),
    Option(
        "--delivery",
        "when Play brings it (default: install-time)",
        choices=("install-time", "fast-follow", "on-demand"),
        default="install-time",
    ),
    Option(
        "--tier",
        (
            "another bundle for phones with more RAM, as in ram8=android_assets/full (8 GB or more); may be "
            "given several times"
        ),
        "GROUP=BUNDLE",
        many=True,
    ),
)
ACCEPT = Option(
    "--accept-regression",
    "take the tuned model even if it is worse than the base; the manifest then says so",
    default=False,
    flag=True,
)


#: What every verb takes, and no function is given.
EVERYWHERE = (
    Option("--json", "print the same facts as JSON on standard output", flag=True, default=False),
    Option("--quiet", "show the result alone", flag=True, default=False, short="-q"),
    Option("--verbose", "show what libraries say, too", flag=True, default=False, short="-v"),
    Option(
        "--log",
        (
            "keep what libraries say in this file (default: pocketrag.log in --work where stages are made, "
            "else nowhere)"
        ),
        "FILE",
    ),
)


@dataclass(frozen=True)
class Verb:
    """One subcommand: `module` holds its function."""

    name: str
    module: str
    extra: str | None
    """The extra that brings what it needs beyond the runtime."""
    summary: str
    example: str
    options: tuple[Option, ...]

    @property
    def function(self) -> str:
        """The function's name: the verb as Python spells it (`import` is a keyword, so `import_`)."""
        name = self.name.replace("-", "_")
        return f"{name}_" if keyword.iskeyword(name) else name
