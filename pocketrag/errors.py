"""The errors that end a command, and the exit code of each (see the README's table)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pocketrag.formats.facts.verify import VerifyFacts


class PocketragError(Exception):
    """Base of all expected failures: one clear message, an exit code, never a traceback."""

    exit_code = 2


class InputError(PocketragError):
    """Bad input or usage: names the file, line or key, says what is wrong and what to do."""


class GateError(PocketragError):
    """A required gate failed: what was built must not ship."""

    exit_code = 1


class UncheckedError(PocketragError):
    """A required gate could not be checked here, and "not checked" is never a pass."""

    exit_code = 4


def hold_back(verified: VerifyFacts, ending: str) -> None:
    """Raise for what `verify` found, naming every gate in the way and ending with what that means; nothing if all required passed.

    Raises:
        GateError: a required gate failed.
        UncheckedError: none failed, but one could not be checked.

    """
    if verified.exit:
        outcome, kind = ("fail", GateError) if verified.exit == GateError.exit_code else ("unchecked", UncheckedError)
        failing = [f"gate {gate.gate}: {gate.said}" for gate in verified.gates if gate.outcome == outcome]
        raise kind(f"{'; '.join(failing)}. {ending}")
