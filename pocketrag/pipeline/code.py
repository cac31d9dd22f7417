"""The code that a stage runs: its module and all that it imports.

As syntax trees, without docstrings and comments.

A module is followed through its imports, also those inside functions; `if TYPE_CHECKING` is not, since it
never runs. Of other people's packages the installed version counts.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

OURS = "pocketrag"
#: Modules that decide when a stage runs, or what people see of it, and nothing of what it makes. The root
#: only gives `open` and the version: a release of ours is not a reason to train again.
APART = frozenset(
    {
        OURS,
        *(
            f"{OURS}.pipeline.{name}"
            for name in (
                "build",
                "code",
                "digests",
                "build_plan",
                "kept_model",
                "project",
                "run",
                "source",
                "stage",
                "stage_lock",
                "stages",
                "steps",
            )
        ),
        f"{OURS}.console",
        f"{OURS}.interrupt",
        f"{OURS}.machine",
    }
)
#: Files beside a module that its package reads.
DATA = "*.sql"
#: What is imported -> the distribution that brings it, where the name is not the same with `-` for `_`.
DISTRIBUTIONS = {
    "bs4": "beautifulsoup4",
    "google": "protobuf",
    "litert_lm": "litert-lm-api",
    "markdown_it": "markdown-it-py",
    "tomli": "tomli",
}


@dataclass(frozen=True)
class Code:
    """What a module runs."""

    modules: dict[str, str]
    """Module of ours -> SHA-256 of its syntax tree, sorted by name."""
    packages: dict[str, str]
    """Distribution -> its version, or "absent", sorted by name."""


@dataclass(frozen=True)
class _Module:
    """One file of ours."""

    digest: str
    ours: frozenset[str]
    packages: frozenset[str]


@cache
def code_of(module: str) -> Code:
    """Return the code that `module`, a dotted name of ours, runs.

    Raises:
        ModuleNotFoundError: there is no such module.

    """
    found: dict[str, _Module] = {}
    left = [module]
    while left:
        if (name := left.pop()) not in found:
            found[name] = _read(name)
            left.extend(found[name].ours - APART)
    packages = sorted({package for one in found.values() for package in one.packages})
    return Code(
        {name: one.digest for name, one in sorted(found.items())},
        {package: _version(package) for package in packages},
    )


def dump(parsed: ast.Module) -> str:
    """Return a syntax tree as text, without docstrings and other strings that stand alone.

    It is changed in place.
    """
    for node in ast.walk(parsed):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, [line for line in block if not _is_string(line)])
    return ast.dump(parsed)


def imports(module: str, parsed: ast.Module, is_package: bool = False) -> Iterator[str]:
    """Yield the dotted names that the source of `module` may import.

    Of `from a import b` both `a` and `a.b`.
    """
    for node in _running(parsed):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(module, node, is_package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


@cache
def _read(module: str) -> _Module:
    if (file := _file(module)) is None:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)
    is_package, parsed = file.name == "__init__.py", ast.parse(file.read_text("utf-8"))
    named = set(imports(module, parsed, is_package))
    digest = hashlib.sha256(dump(parsed).encode())
    for data_file in sorted(file.parent.glob(DATA)) if is_package else ():
        digest.update(data_file.read_bytes())
    ours = {name for name in named if name.partition(".")[0] == OURS}
    others = {name.partition(".")[0] for name in named - ours} - sys.stdlib_module_names
    parents = {parent for name in ours for parent in _parents(name)}
    return _Module(
        digest.hexdigest(),
        frozenset(name for name in ours | parents if _file(name)),
        frozenset(DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in others),
    )


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


@cache
def _file(module: str) -> Path | None:
    # None where the name is not a module's: `from a import b` does not say. Nothing of ours is imported to
    # find out.
    top, *inner = module.split(".")[1:] or [""]
    spec = importlib.util.find_spec(f"{OURS}.{top}" if top else OURS)
    places = [Path(place) for place in (spec.submodule_search_locations or ()) if spec] if spec else []
    if not inner:
        return Path(spec.origin) if spec and spec.origin else None
    candidates = [place.joinpath(*inner) for place in places]
    files = [file for path in candidates for file in (path.with_suffix(".py"), path / "__init__.py")]
    return next((file for file in files if file.is_file()), None)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if (
            isinstance(child, ast.If)
            and isinstance(child.test, ast.Name)
            and child.test.id == "TYPE_CHECKING"
        ):
            continue
        yield from _running(child)


def _absolute(module: str, node: ast.ImportFrom, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, node.module] if node.module else base)


def _is_string(line: ast.AST) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"
