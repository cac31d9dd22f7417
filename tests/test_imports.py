"""The layout: which layer may import which, which package which, how large a folder and a file may get, and that names are told apart."""

import ast
import functools
import re
from collections import defaultdict
from pathlib import Path

import pytest

from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT

#: The shared layers, from the top down: a module imports from its own layer and from those below it. The root (errors, console,
#: interrupt, sampling, `open`) is below all.
LAYERS = ("cli", "versions", "pipeline", "reference", "runtime", "recipe", "formats")
#: The packages that meet through stages: none imports another, and no layer imports one of them.
PACKAGES = ("ingest", "training", "export", "bench", "serve")
ROOT_MODULES = {"errors", "chat_endpoint", "console", "html_templates", "interrupt", "machine", "sampling"}
#: What is imported by its place on disk and belongs to no layer: the contract with the app, and the Gradle project.
DATA_PACKAGES = ("android_assets", "gradle_bundle")
#: Imports that point upward and what has to move so that they don't; empty is the aim.
UPWARD: set[tuple[str, str]] = set()
#: Where torch, transformers and sentence-transformers may be imported at module level.
WITH_TORCH = ("reference", "training", "export")
#: Where a file is named for what it belongs to, so that its name is found a second time elsewhere, with the reason.
NAMED_AFTER = {
    "pocketrag.cli.commands": "a command's file has its verb's name, as the module that does the work",
    "pocketrag.formats.facts": "a verb's facts have its name",
    "pocketrag.formats.facts.phone": "a verb's facts have its name",
    "pocketrag.bench.gates": "a family of gates has the name of what it examines",
}
#: File names that two other modules may share, with the reason.
SAME_NAME: dict[str, str] = {}
MOST_FILES = 20
#: Folders that may hold more, with the reason.
LARGER: dict[str, str] = {
    "pocketrag/formats/facts": "a file for each verb",
}
#: Benchmarks of `make bench`: not installed, free as tests are.
NOT_INSTALLED = ("bench/suite",)


@functools.cache
def modules() -> dict[str, Path]:
    """Return every installed module, dotted, and its file: by pyproject's packages, so that a forgotten one is seen below."""
    folders = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-dir"]
    found = {}
    for package in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"][
        "packages"
    ]:
        folder = folders.get(package) or package.replace(".", "/")
        for file in sorted((ROOT / folder).glob("*.py")):
            found[package if file.stem == "__init__" else f"{package}.{file.stem}"] = file
    return found


def top_level(tree):
    """Yield the nodes that run when the module is imported; not those of functions, nor of `if TYPE_CHECKING`."""
    for node in tree.body if isinstance(tree, ast.Module) else ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from top_level(node)


@functools.cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imported(module: str, nodes=None) -> set[str]:
    """Return the modules that a module imports anywhere, absolute; of `from package import x` the module x where there is one."""
    file, found = modules()[module], set()
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree_of(file)) if nodes is None else nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = (
                ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])
                if node.level
                else node.module or ""
            )
            found |= {full if (full := f"{base}.{alias.name}") in modules() else base for alias in node.names}
    return found


def place(module: str) -> str:
    """Return the layer or package of a module of ours; "" for the root."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] not in ROOT_MODULES else ""


def ours(module: str) -> set[str]:
    return {name for name in imported(module) if name == "pocketrag" or name.startswith("pocketrag.")}


def upward() -> list[tuple[str, str]]:
    """Return the imports (importer, imported) that point to a higher layer, or from a layer or the root to a package."""
    height = {
        **{layer: len(LAYERS) - n for n, layer in enumerate(LAYERS)},
        "": 0,
        **dict.fromkeys(DATA_PACKAGES, 0),
    }
    found = []
    for module in modules():
        here = place(module)
        # `pocketrag/__init__.py` opens a bundle, when it is called.
        if here in PACKAGES or here in DATA_PACKAGES or module == "pocketrag":
            continue
        found += [
            (module, name) for name in sorted(ours(module)) if height.get(place(name), 99) > height[here]
        ]
    return found


def test_every_module_is_in_a_package_of_pyproject():
    on_disk = {
        file
        for top in ("pocketrag", *PACKAGES)
        for file in (ROOT / top).rglob("*.py")
        if not file.relative_to(ROOT).as_posix().startswith(NOT_INSTALLED)
    }
    assert on_disk - set(modules().values()) == set()


def test_every_module_is_in_a_layer_or_package_of_the_layout():
    known = {"", *LAYERS, *PACKAGES, *DATA_PACKAGES}
    assert [module for module in modules() if place(module) not in known] == []


def test_arrows_point_down():
    assert set(upward()) == UPWARD


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_imports_another(package):
    for module in modules():
        if place(module) == package:
            others = {name for name in ours(module) if place(name) in PACKAGES and place(name) != package}
            assert not others, f"{module} imports {sorted(others)}"


def test_only_what_computes_in_torch_imports_it_at_once():
    for module, file in modules().items():
        if place(module) not in WITH_TORCH:
            names = {name.split(".")[0] for name in imported(module, top_level(tree_of(file)))}
            assert not names & {"torch", "transformers", "sentence_transformers", "peft", "litert_torch"}, (
                module
            )


def test_inside_a_package_imports_are_relative_and_between_packages_absolute():
    for module, file in modules().items():
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.ImportFrom):
                if node.level:
                    assert node.level <= len(module.split(".")) - 2 + (file.name == "__init__.py"), (
                        f"{file}:{node.lineno}: leaves its package"
                    )
                elif (node.module or "").startswith("pocketrag.") and place(module):
                    assert place(node.module) != place(module), f"{file}:{node.lineno}: write it relative"


def test_a_verb_is_a_file_in_commands_or_directly_in_its_package():
    from pocketrag.cli.verbs import VERBS

    for verb in VERBS:
        commands = verb.module.rpartition(".")[0] == "pocketrag.cli.commands"
        assert verb.module in modules() and (commands or verb.module.count(".") == 2), verb.module
        assert verb.module.rpartition(".")[2] == verb.function, f"{verb.name}: its module is {verb.module}"


def test_no_file_name_twice():
    by_name = defaultdict(list)
    for module, file in modules().items():
        if not file.stem.startswith("__") and module.rpartition(".")[0] not in NAMED_AFTER:
            by_name[file.stem].append(module)
    assert {name: found for name, found in by_name.items() if len(found) > 1 and name not in SAME_NAME} == {}
    assert [name for name in SAME_NAME if len(by_name[name]) < 2] == [], "no longer needed"


def test_folders_stay_small():
    counts = defaultdict(int)
    for file in modules().values():
        counts[file.parent.relative_to(ROOT).as_posix()] += file.name != "__init__.py"
    assert {folder: n for folder, n in counts.items() if n > MOST_FILES and folder not in LARGER} == {}


def test_files_stay_small():
    assert {
        str(file) for file in modules().values() if len(file.read_text("utf-8").splitlines()) > 300
    } == set()


def test_tests_mirror_the_tree():
    # A test file may be about a part of its folder's subject; its folder has to be one of the tree.
    for file in (ROOT / "tests").rglob("test_*.py"):
        folder = file.parent.relative_to(ROOT / "tests").as_posix()
        if folder.split("/")[0] in ("pocketrag", *PACKAGES):
            assert (ROOT / folder).is_dir(), f"{file}: there is no {folder}/"


def test_what_is_imported_by_its_name_in_a_string_is_there():
    """mypy does not see these; a function of another name would be found by the user."""
    pattern = re.compile(r'import_module\(\s*"(pocketrag[\w.]*)"\s*\)\.(\w+)')
    named = [found for file in modules().values() for found in pattern.findall(file.read_text("utf-8"))]
    assert len(named) >= 5
    for module, name in named:
        tree = tree_of(modules()[module])
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (
            f"{module}.{name}"
        )
