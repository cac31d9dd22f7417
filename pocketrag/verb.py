"""What a verb and its options are; `verbs.py` has the table of them."""

from __future__ import annotations

import keyword
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
    type: type = str
    flag: bool = False
    """Takes no value: given or not."""
    many: bool = False
    """May be given several times; the function gets a list, or None."""

    @property
    def keyword(self) -> str:
        """The function's keyword argument."""
        return KEYWORDS.get(self.name, self.name.lstrip("-").replace("-", "_"))


#: Options whose word is not fit for a Python name.
KEYWORDS = {"--for": "purpose", "-k": "limit", "--set": "new"}


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
        """The function's name: the verb's, as Python spells it (`import` is a word of its own, so `import_`)."""
        name = self.name.replace("-", "_")
        return f"{name}_" if keyword.iskeyword(name) else name
