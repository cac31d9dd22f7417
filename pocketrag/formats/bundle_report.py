"""The report beside a bundle, `NAME.report.json`.

What was measured about it, each section by one verb, with its environment.

```
schema, name, version, model_id, base_model, manifest_sha256  of which bundle, to the byte
verdict, quality, questions, stages, files, bytes, gates  what `build` found, and the gates of the last
                                    `verify`
passages, mode                      of which the manifest tells
update                              what apps with the version before need, where no passage changed
build, verify, latency, parity, prediction     a section a verb, each with its own `environment`
answers                                        of `exam`, likewise
devices                                        a section a device, by its key
```
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from pocketrag.console import status
from pocketrag.errors import InputError

from . import files
from .environment import environment
from .facts.base import Count, Facts, JsonObject, as_json
from .manifest import MANIFEST, SUMS, Manifest, read_manifest

SCHEMA = 1
SUFFIX = ".report.json"
#: Sections that a verb writes whole; `devices` is written device by device.
SECTIONS = ("build", "verify", "latency", "parity", "prediction", "answers", "devices")
#: Of an absolute path, the folders: `/a/b/` of `/a/b/c`. Not the slashes of a URL, of `either/or` or of a
#: lone `/`.
_FOLDERS = re.compile(r"""(?<![\w:/.~\\-])(?:[A-Za-z]:)?[\\/](?:[^\s\\/:;,'"`()<>|]+[\\/])+""")

#: Of a file or all of them; no disk holds more.
Bytes = Annotated[int, Field(ge=0, le=10**15)]


class Report(BaseModel):
    """A report. Sections that this version doesn't know are kept.

    Other tools of the same schema may add some.
    """

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    schema_: int = Field(alias="schema")
    name: str
    version: str
    model_id: str
    base_model: str
    manifest_sha256: str | None
    """Of the bundle's `manifest.json`, which holds the digests of all else.

    None where that file was missing.
    """
    verdict: JsonObject | None = None
    quality: dict[str, JsonObject] = {}
    questions: JsonObject | None = None
    stages: JsonObject = {}
    files: dict[str, Bytes] = {}
    bytes: Bytes = 0
    passages: Count | None = None
    mode: str | None = None
    """In which the main encoder searches."""
    gates: list[JsonObject] = []
    build: JsonObject | None = None
    verify: JsonObject | None = None
    latency: JsonObject | None = None
    parity: JsonObject | None = None
    prediction: JsonObject | None = None
    answers: JsonObject | None = None
    devices: dict[str, JsonObject] = {}


def report_file(bundle: Path) -> Path:
    """Return where a bundle's report lies: beside it, for what was measured is not part of it."""
    named = bundle if bundle.name not in ("", "..") else Path(os.path.abspath(bundle))  # noqa: PTH100 - links stay as they are
    return named.with_name(named.name + SUFFIX)


def read_report(file: Path) -> Report:
    """Read and check a report.

    Raises:
        InputError: it is missing, not JSON, no report, or one of another schema.

    """
    values = files.read_json(file)
    if not isinstance(values, dict) or "model_id" not in values:
        raise InputError(f"{file}: not a report; `pocketrag verify BUNDLE` writes one beside a bundle.")
    found = values.get("schema")
    if found != SCHEMA:
        known = isinstance(found, int) and found > SCHEMA
        mend = "take a newer pocketrag" if known else "`pocketrag verify BUNDLE` writes it anew"
        raise InputError(f"{file}: a report of schema {found!r}, this pocketrag reads {SCHEMA}; {mend}.")
    try:
        return Report.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{file}: `{'.'.join(map(str, first['loc']))}`: {first['msg']}.") from None


def record(bundle: Path, section: str, facts: Facts | Mapping[str, object]) -> Path:
    """Write one verb's facts into the report beside a bundle, and return the report's path.

    The environment is added.

    Where the report is of another manifest, nothing of it is kept. For "devices" the facts are
    `key -> facts`: each gets its own environment, and devices that were measured earlier stay. A report that
    can't be written is said, and is not an error: the verb still has its result.
    """
    return write(bundle, {section: with_environment(section, facts)})


def with_environment(section: str, facts: Facts | Mapping[str, object]) -> JsonObject:
    """Return a section's facts with the environment of now.

    Raises:
        ValueError: there is no such section.

    """
    if section not in SECTIONS:
        raise ValueError(f"no section {section!r}; there are {', '.join(SECTIONS)}")
    here, found = environment().as_json(), as_json(facts)
    if section == "devices":
        return {
            key: {**value, "environment": here} for key, value in found.items() if isinstance(value, dict)
        }
    return {**found, "environment": here}


def write(bundle: Path, changes: Mapping[str, JsonValue]) -> Path:
    """Merge top-level keys into the report beside a bundle, whole or not at all, and return its path.

    Beside a bundle in a stage of the work folder nothing is written: with a file more, the stage would count
    as damaged.
    """
    file = report_file(bundle)
    if (file.parent / MANIFEST).is_file():
        return file
    try:
        before = _before(file, bundle)
        if before is not None:
            files.write_atomic(file, files.to_json(_plain(_merged(before, changes), bundle)))
    except OSError as error:
        status(f"{file}: {error.strerror or error}; what was measured is not kept.")
    return file


def begin(bundle: Path) -> JsonObject:
    """Return the report of a bundle of which nothing was measured yet: what its manifest says."""
    digest = manifest_sha256(bundle)
    try:
        manifest = read_manifest(bundle)
    except InputError:  # the gates will say so; their evidence is worth keeping too
        return {
            "schema": SCHEMA,
            "name": bundle.name,
            **dict.fromkeys(_NAMES, "unknown"),
            "manifest_sha256": digest,
        }
    sizes = {
        path.name: path.stat().st_size
        for path in sorted(bundle.iterdir())
        if path.name in {*manifest.files, MANIFEST, SUMS}
    }
    return {
        "schema": SCHEMA,
        "name": manifest.name,
        **{name: getattr(manifest, name) for name in _NAMES},
        "manifest_sha256": digest,
        "verdict": manifest.verdict.model_dump(mode="json"),
        "quality": _quality(manifest),
        "files": dict(sizes),
        "bytes": sum(sizes.values()),
        "passages": manifest.counts.passages,
        "mode": manifest.fusion.mode,
    }


def _quality(manifest: Manifest) -> JsonObject:
    # As `build` writes it, as far as the manifest keeps it.
    shipped = manifest.verdict.shipped
    if shipped is None:
        return {}
    modes: JsonObject = shipped.get("modes", {})
    agreement: JsonObject = {"agreement": manifest.agreement.as_json()} if manifest.agreement else {}
    return {"shipped": {**_object(modes.get("dense")), "modes": modes, **agreement}}


_NAMES = ("version", "model_id", "base_model")


def manifest_sha256(bundle: Path) -> str | None:
    """Return the digest of a bundle's manifest, None where it is missing."""
    file = bundle / MANIFEST
    return files.sha256(file) if file.is_file() else None


def _before(file: Path, bundle: Path) -> JsonObject | None:
    fresh = begin(bundle)
    if not file.exists():
        return fresh
    try:
        earlier: JsonObject = read_report(file).model_dump(by_alias=True, exclude_unset=True)
    except InputError as error:
        if "take a newer" in str(error):
            status(f"{error} It is left alone; what was measured is not kept.")
            return None
        status(f"{error} It is written anew.")
        return fresh
    return earlier if earlier["manifest_sha256"] == fresh["manifest_sha256"] else fresh


def _merged(before: JsonObject, changes: Mapping[str, JsonValue]) -> JsonObject:
    devices = {**_object(before.get("devices")), **_object(changes.get("devices"))}
    verified = _object(changes.get("verify"))
    gates = {"gates": verified["gates"]} if "gates" in verified else {}
    return {**before, **changes, **gates, **({"devices": devices} if devices else {})}


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _plain(value: JsonValue, bundle: Path) -> JsonValue:
    # A report is handed on: no folder of this machine goes with it.
    if isinstance(value, dict):
        return {_text(key, bundle): _plain(inner, bundle) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, bundle) for inner in value]
    if isinstance(value, float) and not isfinite(value):
        return None  # JSON has no NaN
    return _text(value, bundle) if isinstance(value, str) else value


def _text(value: str, bundle: Path) -> str:
    for folder in (bundle.absolute().parent, Path.cwd(), Path.home()):
        value = value.replace(f"{folder}{os.sep}", "")
    return _FOLDERS.sub("", value)
