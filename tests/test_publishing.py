"""What brings the package to others: workflows that install and publish the wheel, and the container."""

import re
import shlex

import pytest
import yaml

from pocketrag.cli.main import parser
from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT
from tests.wheels import tracked

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
#: Extras that no runner installs: a GPU's, and those of whoever works on the project.
NOT_TRIED = {"qlora", "dev", "docs"}
WORKFLOWS = ROOT / ".github" / "workflows"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def jobs(name: str) -> dict:
    return yaml.safe_load((WORKFLOWS / name).read_text("utf-8"))["jobs"]


ROWS = jobs("nightly.yml")["extras"]["strategy"]["matrix"]["include"]


def test_every_extra_is_installed_every_night():
    assert {row["extra"] for row in ROWS} == EXTRAS.keys() - NOT_TRIED | {""}
    assert {row["python"] for row in ROWS} == {"3.10", "3.11", "3.12"}
    guide = (ROOT / "docs" / "installing.md").read_text("utf-8")
    assert all(f"| `{extra}` |" in guide for extra in EXTRAS.keys() - {"dev", "docs"})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['python']}-{row['extra']}")
def test_the_command_of_each_is_one(row):
    tool, *words = shlex.split(row["command"])
    assert tool in ("pocketrag", "dvc") or words[:2] == ["-m", "pocketrag.bench.peers.compare"]
    if tool == "pocketrag":
        parser().parse_args(words)


def test_pip_is_held_to_its_words_on_each_side_of_what_is_allowed():
    rows = jobs("nightly.yml")["elsewhere"]["strategy"]["matrix"]["include"]
    assert PYPROJECT["project"]["requires-python"] == ">=3.10,<3.13"
    assert {row["python"] for row in rows if "Python" in row["says"]} == {"3.9", "3.13"}


def test_only_the_job_that_publishes_may_ask_for_a_token():
    found = jobs("publish.yml")
    assert {name for name, job in found.items() if "permissions" in job} == {"publish"}
    assert found["publish"]["permissions"] == {"id-token": "write"} and found["publish"]["environment"]
    assert found["publish"]["needs"] == "build"
    assert all("run" not in step for step in found["publish"]["steps"]), "what was built, and no more"
    assert "secrets." not in (WORKFLOWS / "publish.yml").read_text("utf-8")


def test_what_is_published_was_checked():
    steps = [step.get("run", "") for step in jobs("publish.yml")["build"]["steps"]]
    text = "\n".join(steps)
    assert (
        text.index("python -m build") < text.index("twine check --strict") < text.index("bin/pocketrag init")
    )
    assert "GITHUB_REF_NAME" in text and "CHANGELOG.md" in text


def in_context(name: str) -> bool:
    """Whether `docker build` is sent a file, as far as .dockerignore says it in the few forms it uses."""
    lines = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] not in ("#", "")
    ]
    assert lines[0] == "*" and all(line.startswith("!") for line in lines[1:-1])
    patterns = [re.escape(line[1:]).replace(r"\*", "[^/]*") for line in lines[1:-1]]
    return any(re.fullmatch(f"{pattern}(/.*)?", name) for pattern in patterns)


def test_the_containers_context_is_what_a_wheel_is_made_of():
    folders = {f for f in PYPROJECT["tool"]["setuptools"]["package-dir"].values() if "/" not in f}
    for name in [*tracked(*folders), "pyproject.toml", "README.md", "LICENSE"]:
        guide = name.startswith("android_assets/") and name.endswith((".md", ".png", ".sha256"))
        assert in_context(name) is not guide, name
    for name in (
        "android_assets/demo/corpus.db",
        "work/a",
        "tests/conftest.py",
        ".git/config",
        ".venv/bin/python",
    ):
        assert not in_context(name), name


def test_the_container_is_not_root_and_names_no_place_of_a_machine():
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users == ["pocketrag"] and DOCKERFILE.index("USER ") > DOCKERFILE.rindex("\nRUN ")
    assert "://" not in DOCKERFILE and "VOLUME /cache" in DOCKERFILE and "HF_HOME=/cache" in DOCKERFILE
    for argument in ("PYTHON", "EXTRAS", "TORCH_INDEX"):
        assert re.search(rf"^ARG {argument}\b", DOCKERFILE, re.MULTILINE)
        assert argument == "PYTHON" or argument in (ROOT / "docs" / "installing.md").read_text("utf-8")
