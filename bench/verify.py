"""`pocketrag verify`: every gate on a bundle, without torch. What can't be measured here is `unchecked`, never a pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pocketrag.console import progress
from pocketrag.errors import InputError, PocketragError
from pocketrag.manifest import MANIFEST, SUMS, Manifest, read_manifest

from . import integrity, substance
from .outcome import DEVICE, FAIL, Outcome, as_facts, exit_code, failed, passed, unchecked


def verify(bundle: str, *, purpose: str = "build") -> dict[str, Any]:
    """Run every gate.

    Args:
        bundle: the folder of a bundle.
        purpose: "build" requires what this machine can measure, "release" the gates on a device too.

    Raises:
        InputError: there is no bundle at `bundle`.

    """
    folder = Path(bundle)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder. Build a bundle with `pocketrag build RECIPE`.")
    if not any((folder / name).exists() for name in (MANIFEST, SUMS)):
        raise InputError(f"{folder}: not a bundle, it holds neither {MANIFEST} nor {SUMS}.")
    outcomes = gates(folder)
    return {
        "bundle": str(folder),
        "for": purpose,
        "exit": exit_code(outcomes, purpose),
        "gates": as_facts(outcomes),
    }


def gates(folder: Path) -> list[Outcome]:
    """Return the outcomes of all gates, in the order they ran."""
    device = [unchecked(name, "no Android device is attached to this machine") for name in DEVICE]
    early = [gate.__name__ for gate in integrity.GATES]
    rest = [substance.NAMES.get(gate.__name__, gate.__name__) for gate in substance.GATES]
    try:
        manifest = read_manifest(folder)
    except InputError as error:
        return [
            failed("contract", str(error)),
            *_skipped(["digests", *early, "opens", *rest], "the manifest can't be read"),
            *device,
        ]
    outcomes = [passed("contract", f"version {manifest.contract}"), *integrity.digests(folder, manifest)]
    if outcomes[-1].outcome == FAIL:
        # Nothing is opened whose digest is wrong: a changed model could do anything.
        return [*outcomes, *_skipped([*early, "opens", *rest], "a file is not the one that was built"), *device]
    outcomes += [_run(gate.__name__, partial(gate, folder, manifest)) for gate in integrity.GATES]
    return [*outcomes, *_substance(folder, manifest, rest), *device]


def _substance(folder: Path, manifest: Manifest, names: list[str]) -> list[Outcome]:
    try:
        opened = substance.open_all(folder, manifest)
    except Exception as error:  # of any kind: the bundle is damaged, not this program
        return [
            failed("opens", f"{error}" if isinstance(error, PocketragError) else f"{type(error).__name__}: {error}"),
            *_skipped(names, "the bundle does not open"),
        ]
    try:
        steps = list(zip(names, substance.GATES, strict=True))
        return [
            passed("opens", "model, tokenizer and database"),
            *(_run(name, partial(gate, opened)) for name, gate in progress(steps, "Gates")),
        ]
    finally:
        opened.rag.close()


def _run(name: str, gate: Callable[[], Outcome]) -> Outcome:
    try:
        return gate()
    except Exception as error:  # a damaged bundle may break a gate in any way: that is a failure, not a crash
        return failed(name, f"{type(error).__name__}: {error}")


def _skipped(names: list[str], why: str) -> list[Outcome]:
    return [unchecked(name, why) for name in names]
