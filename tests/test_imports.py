"""The import rule: wings meet through files, the hallway knows the verbs' names and not their work."""

import ast

import pytest

from tests.conftest import ROOT

WINGS = ("training", "export", "bench", "ingest")


def imported(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level


def sources(folder):
    # pytest-benchmark's suite is not installed: it uses its wing as the tests do.
    return sorted(file for file in (ROOT / folder).rglob("*.py") if file.parent.name != "suite")


@pytest.mark.parametrize("wing", WINGS)
def test_no_wing_imports_another(wing):
    for file in sources(wing):
        for module, level in imported(file):
            assert level <= len(file.relative_to(ROOT / wing).parts), f"{file}: imports beyond its wing"
            # A relative import stays inside, whatever the module is called (`.benchmark_model`).
            assert level or not any(module.startswith((other, f"pocketrag.{other}")) for other in WINGS), (
                f"{file}: imports {module}"
            )


def test_the_hallway_imports_no_wing_and_no_torch_at_the_top():
    for file in sources("pocketrag"):
        top = [n for n in ast.parse(file.read_text("utf-8")).body if isinstance(n, ast.Import | ast.ImportFrom)]
        names = {a.name for n in top if isinstance(n, ast.Import) for a in n.names} | {
            n.module or "" for n in top if isinstance(n, ast.ImportFrom)
        }
        assert not any(name.split(".")[0] in ("torch", "transformers", "sentence_transformers") for name in names), file
        for module, _ in imported(file):
            assert not any(module.startswith(f"pocketrag.{wing}") for wing in WINGS), f"{file}: imports {module}"


@pytest.mark.parametrize("folder", ["pocketrag", *WINGS])
def test_files_stay_small(folder):
    for file in sources(folder):
        assert len(file.read_text("utf-8").splitlines()) <= 300, file
