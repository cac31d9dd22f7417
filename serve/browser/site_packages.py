"""The npm packages that the page runs on: LiteRT.js and SQLite's WebAssembly build."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pocketrag.errors import InputError

LOCK = "package-lock.json"
LITERT, UTILS, SQLITE = "@litertjs/core", "@litertjs/wasm-utils", "@sqlite.org/sqlite-wasm"
#: File of a package -> where it lies in the site. Only single-threaded builds: threads need headers that a
#: static host does not send. `.js` for `.mjs`, which some hosts do not know as JavaScript.
FILES: dict[tuple[str, str], str] = {
    (LITERT, "dist/index.js"): "packages/litert/index.js",
    (LITERT, "package.json"): "packages/litert/package.json",
    (LITERT, "wasm/litert_wasm_internal.js"): "packages/litert/wasm/litert_wasm_internal.js",
    (LITERT, "wasm/litert_wasm_internal.wasm"): "packages/litert/wasm/litert_wasm_internal.wasm",
    (LITERT, "wasm/litert_wasm_compat_internal.js"): "packages/litert/wasm/litert_wasm_compat_internal.js",
    (
        LITERT,
        "wasm/litert_wasm_compat_internal.wasm",
    ): "packages/litert/wasm/litert_wasm_compat_internal.wasm",
    (UTILS, "dist/index.js"): "packages/litert/wasm-utils.js",
    (SQLITE, "dist/index.mjs"): "packages/sqlite/sqlite3.js",
    (SQLITE, "dist/sqlite3.wasm"): "packages/sqlite/sqlite3.wasm",
    (SQLITE, "package.json"): "packages/sqlite/package.json",
}
#: A worker knows no import maps: the one bare name becomes a path.
BARE, PATH = 'from "@litertjs/wasm-utils"', 'from "./wasm-utils.js"'
#: Seconds that npm may take: 12 MB.
PATIENCE = 600


def copy_packages(out: Path, packages: Path | None) -> None:
    """Write the packages' files into a site.

    Args:
        out: the folder of the site.
        packages: a `node_modules` that holds them; by default npm installs them in a temporary folder.

    Raises:
        InputError: npm is missing or fails, or `packages` lacks one, or has another version.

    """
    if packages is not None:
        _copy(packages, out)
        return
    with _installed() as folder:
        _copy(folder, out)


def versions() -> dict[str, str]:
    """Return package -> version, as the lock has them."""
    lock = json.loads(_ours(LOCK))
    return {name: lock["packages"][f"node_modules/{name}"]["version"] for name in (LITERT, UTILS, SQLITE)}


def _copy(folder: Path, out: Path) -> None:
    for name, version in versions().items():
        _check(folder, name, version)
    for (name, file), place in FILES.items():
        target = out / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_file(folder / name / file), target)
    index = out / FILES[LITERT, "dist/index.js"]
    text = index.read_text("utf-8")
    if text.count(BARE) != 1:
        raise InputError(
            f"{folder / LITERT}: does not import {UTILS} once, as version {versions()[LITERT]} does."
        )
    index.write_text(text.replace(BARE, PATH), "utf-8")


def _check(folder: Path, name: str, version: str) -> None:
    file = _file(folder / name / "package.json")
    try:
        found = json.loads(file.read_text("utf-8"))["version"]
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{file}: not a package.json with a version.") from None
    if found != version:
        raise InputError(
            f"{file}: {name} is {found}, needed is {version}. Run `npm ci` with pocketrag's {LOCK}."
        )


def _file(file: Path) -> Path:
    if not file.is_file():
        raise InputError(f"{file}: missing; give the node_modules that `npm ci` made of pocketrag's {LOCK}.")
    return file


@contextmanager
def _installed() -> Iterator[Path]:
    npm = shutil.which("npm")
    if npm is None:
        raise InputError(
            "npm is missing: install Node.js, or give the packages by `--packages NODE_MODULES`."
        )
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", LOCK):
            (Path(folder) / name).write_text(_ours(name), "utf-8")
        # No scripts: nothing that is fetched runs here. Every file is compared with the lock's digests.
        command = [
            npm,
            "ci",
            "--ignore-scripts",
            "--omit=dev",
            "--no-audit",
            "--no-fund",
            "--engine-strict=false",
        ]
        command.append("--loglevel=error")
        _run(command, folder)
        yield Path(folder) / "node_modules"


def _run(command: list[str], folder: str) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise InputError(
            f"npm: gave no answer in {PATIENCE} s; give the packages by `--packages NODE_MODULES`."
        ) from None
    if done.returncode != 0:
        told = [line.removeprefix("npm error").strip() for line in done.stderr.splitlines()]
        why = next((line for line in told if line and not line.startswith("code ")), "it gave no reason")
        raise InputError(f"npm: can't install the page's packages ({why[:200]}).")


def _ours(name: str) -> str:
    return Path(__file__).with_name("packages").joinpath(name).read_text("utf-8")
