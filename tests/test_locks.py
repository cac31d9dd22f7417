"""The locks: current with pyproject.toml, every file by its hash, nothing of a machine, and no torch, whose build each index chooses."""

import re
import subprocess

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from pocketrag.recipe.toml import tomllib
from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
#: Lock -> the extras that `make lock` gives it, and the Pythons that it is for.
LOCKS = {
    "dev": (("demo", "dev", "docs"), ("3.11", "3.12")),
    "demo": (("demo",), ("3.11", "3.12")),
    "runtime": ((), ("3.10", "3.11", "3.12")),
}


def entries(lock: str) -> list[tuple[Requirement, int]]:
    """Each locked requirement with the number of its hashes."""
    text = re.sub(
        r"^ *#.*\n", "", (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8"), flags=re.MULTILINE
    )
    blocks = re.sub(r" \\\n +", " ", text).splitlines()
    return [
        (Requirement(block.split(" --hash=")[0]), block.count("--hash=sha256:")) for block in blocks if block
    ]


def pins(lock: str, python: str, system: str) -> dict[str, Version]:
    """What pip installs of the lock there: each package once."""
    there = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": system, "platform_machine": "x86_64",
             "implementation_name": "cpython", "platform_python_implementation": "CPython"}  # fmt: skip
    chosen = [r for r, _ in entries(lock) if r.marker is None or r.marker.evaluate(there)]
    names = [canonicalize_name(r.name) for r in chosen]
    assert len(set(names)) == len(names), "one version of each package"
    return {name: Version(str(r.specifier).removeprefix("==")) for name, r in zip(names, chosen, strict=True)}


def asked_for(extras: tuple[str, ...]) -> list[Requirement]:
    """The project's own requirements, extras of extras included, but for torch."""
    found = [Requirement(r) for r in PROJECT["project"]["dependencies"]]
    todo = list(extras)
    while todo:
        for requirement in map(Requirement, EXTRAS[todo.pop()]):
            if requirement.name == "pocketrag":
                todo += requirement.extras
            elif requirement.name != "torch":
                found.append(requirement)
    return found


@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize(
    ("lock", "python"), [(lock, python) for lock, (_, pythons) in LOCKS.items() for python in pythons]
)
def test_every_requirement_is_locked_at_a_version_that_it_allows(lock, python, system):
    locked = pins(lock, python, system)
    there = {"python_version": python, "sys_platform": system, "platform_machine": "x86_64"}
    for requirement in asked_for(LOCKS[lock][0]):
        if requirement.marker is None or requirement.marker.evaluate(there):
            version = locked.get(canonicalize_name(requirement.name))
            assert version is not None and requirement.specifier.contains(version, prereleases=True), (
                f"{lock}.lock has {version} for {requirement}: run `make lock`"
            )


@pytest.mark.parametrize("lock", ["build", *LOCKS])
def test_every_entry_is_exact_and_has_hashes(lock):
    for requirement, hashes in entries(lock):
        assert hashes and re.fullmatch(r"==[\w.+!]+", str(requirement.specifier)), requirement


@pytest.mark.parametrize("lock", ["build", *LOCKS])
def test_no_torch_no_cuda_and_no_place_in_a_lock(lock):
    names = {canonicalize_name(requirement.name) for requirement, _ in entries(lock)}
    assert not [n for n in names if n in ("torch", "triton") or n.startswith(("nvidia-", "cuda-"))]
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    assert "://" not in text and not re.search(r"(^|\s)/\w", text)


def test_what_builds_the_project_is_locked():
    locked = {
        canonicalize_name(r.name): Version(str(r.specifier).removeprefix("==")) for r, _ in entries("build")
    }
    for requirement in map(Requirement, PROJECT["build-system"]["requires"]):
        assert requirement.specifier.contains(locked[requirement.name])


def test_one_version_in_all_locks():
    for python in ("3.11", "3.12"):
        everything = pins("dev", python, "linux")
        for lock in ("demo", "runtime"):
            assert pins(lock, python, "linux").items() <= everything.items(), lock
    assert pins("build", "3.11", "linux").items() <= pins("dev", "3.11", "linux").items()


def test_make_installs_the_locks_and_the_torch_of_pyproject():
    done = subprocess.run(
        ["make", "-n", "-B", ".venv/dev.stamp"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("--require-hashes") == 2 and "requirements/dev.lock" in done.stdout
    (command,) = re.findall(r'"\$\((sed .* pyproject\.toml)\)"', done.stdout)
    found = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert found == [r for r in EXTRAS["train"] if Requirement(r).name == "torch"]
