"""The errors that end a command, and the exit code of each (see the README's table)."""

from __future__ import annotations


class PocketragError(Exception):
    """Base of all expected failures: one clear message, an exit code, never a traceback."""

    exit_code = 2


def first_line(error: Exception) -> str:
    """Return what an error of others' says, as far as one line goes."""
    return (str(error).strip().splitlines() or ["no reason given"])[0]


class InputError(PocketragError):
    """Bad input or usage: names the file, line or key, says what is wrong and what to do."""


class GateError(PocketragError):
    """A required gate failed: what was built must not ship."""

    exit_code = 1


class UncheckedError(PocketragError):
    """A required gate could not be checked here, and "not checked" is never a pass."""

    exit_code = 4
