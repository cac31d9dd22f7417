"""A stage's key follows what it runs, and nothing else."""

import ast
import importlib.util
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from pocketrag.pipeline.code import DISTRIBUTIONS, code_of, dump, imports
from pocketrag.pipeline.stages import STAGES
from tests.conftest import ROOT

#: Top-level folder -> where it is installed below `pocketrag`.
FOLDERS = {"pocketrag": "", "training": "training", "export": "export", "bench": "bench", "ingest": "ingest"}


def digest(text):
    return dump(ast.parse(text))


def test_comments_docstrings_and_layout_are_not_code():
    plain = "def f(x):\n    return x + 1\n\nclass A:\n    b: int = 1\n"
    talk = '"""Doc."""\n# why\ndef f(x):\n    """Doc."""\n    return (x\n        + 1)  # so\n\nclass A:\n    """Doc."""\n    b: int = 1\n    """Of b."""\n'
    assert digest(plain) == digest(talk)
    for changed in (
        plain.replace("1", "2"),
        plain.replace("x", "y"),
        plain.replace("return", "yield"),
        plain + "f(1)\n",
    ):
        assert digest(changed) != digest(plain)
    assert digest('x = "text"') != digest('x = "other"')


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import a.b as c", {"a.b"}),
        ("from . import x", {"p.q", "p.q.x"}),
        ("from .x import y", {"p.q.x", "p.q.x.y"}),
        ("from ..x import y", {"p.x", "p.x.y"}),
        ("def f():\n    from a import b", {"a", "a.b"}),
        ("if TYPE_CHECKING:\n    import never\nimport a", {"a"}),
    ],
)
def test_imports_are_found_wherever_they_stand(text, found):
    assert set(imports("p.q.r", ast.parse(text))) == found
    assert set(imports("p.q", ast.parse(text), is_package=True)) == found


def test_a_stage_has_what_it_runs():
    trim, mine = code_of("pocketrag.export.trim"), code_of("pocketrag.training.mine")
    assert (
        "pocketrag.training.data.hard_negatives" in mine.modules
        and "pocketrag.training.data.hard_negatives" not in trim.modules
    )
    assert not {
        name
        for name in mine.modules
        if name.startswith(("pocketrag.export", "pocketrag.bench", "pocketrag.cli"))
    }
    assert {"torch", "sentence-transformers", "numpy"} <= set(
        mine.packages
    ) and "litert-torch" not in mine.packages
    assert "litert-torch" in code_of("pocketrag.export.convert").packages


def test_every_stage_names_a_function_that_is_there():
    for spec in STAGES.values():
        module = importlib.util.find_spec(spec.module)
        assert module and f"def {spec.run}(job: Job)" in Path(module.origin).read_text("utf-8"), spec.name


def test_every_package_of_a_stage_is_known_by_its_own_name():
    """A package under another name than it is imported by would be "absent", whatever its version."""
    found = {
        name
        for spec in STAGES.values()
        for name, version in code_of(spec.module).packages.items()
        if version == "absent"
    }
    assert found <= {"bitsandbytes", "tomli", "torchao"}, f"add to code.DISTRIBUTIONS: {found}"
    assert all(metadata.version(name) for name in DISTRIBUTIONS.values() if name != "tomli")


@pytest.fixture
def copied(tmp_path):
    """The project's own files as they are installed, free to change; and what asks a fresh process for the stages' code."""
    for name, below in FOLDERS.items():
        shutil.copytree(ROOT / name, tmp_path / "pocketrag" / below, dirs_exist_ok=True)
    for name, below in (("android_assets", "android_assets"), ("gradle-bundle", "gradle_bundle")):
        (tmp_path / "pocketrag" / below).mkdir()
        for file in (ROOT / name).glob("*.[ps][yq]*"):
            shutil.copy(file, tmp_path / "pocketrag" / below)

    def ask():
        script = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from pocketrag.pipeline.code import code_of\nfrom pocketrag.pipeline.stages import STAGES\n"
            "for spec in STAGES.values(): print(spec.name, hash(tuple(code_of(spec.module).modules.values())))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path,
            env={"PYTHONHASHSEED": "0"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return dict(line.split() for line in done.stdout.splitlines())

    return tmp_path / "pocketrag", ask


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


def edit(file, old, new):
    assert old in file.read_text("utf-8"), file
    file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")


def test_only_the_stages_that_run_a_changed_file_are_made_anew(copied):
    folder, ask = copied
    before = ask()
    for file in folder.rglob("*.py"):
        file.write_text(file.read_text("utf-8") + '\n"""A word more."""\n# and a comment\n', "utf-8")
    assert not changed(before, ask())
    edit(folder / "training" / "data" / "hard_negatives.py", "RANGE = 50", "RANGE = 51")
    found = changed(before, ask())
    assert (
        "mine" in found
        and not {"trim", "split", "convert", "quantize", "index", "reference", "evaluate", "bundle"} & found
    )
    before = ask()
    edit(folder / "android_assets" / "search.sql", "SELECT", "SELECT ")
    found = changed(before, ask())
    assert {"index", "bundle"} <= found and not {"tune", "merge", "convert"} & found


def test_a_file_that_moved_into_a_subfolder_still_counts(copied):
    folder, ask = copied
    data = folder / "training" / "data"
    (data / "deeper").mkdir()
    (data / "deeper" / "__init__.py").write_text("")
    (data / "hard_negatives.py").rename(data / "deeper" / "hard_negatives.py")
    for file in folder.rglob("*.py"):
        text = file.read_text("utf-8")
        file.write_text(
            text.replace("data.hard_negatives import", "data.deeper.hard_negatives import"), "utf-8"
        )
    before = ask()
    edit(data / "deeper" / "hard_negatives.py", "RANGE = 50", "RANGE = 51")
    assert "mine" in changed(before, ask())
