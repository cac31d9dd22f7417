"""What the Kotlin of gradle-bundle must look like: small, apart from Android, and every signature of a stub with its source."""

import hashlib
import re

import pytest

from tests.conftest import ROOT
from tests.gradle_bundle import built, toolchain

#: What apps call beside the thin files of `android`: these take a Context, assets, or LiteRT's Environment, or say which threads may call.
FACADES = {"BundleSource.kt", "Rag.kt", "RagHolder.kt", "RagOptions.kt", "RagUpdates.kt"}
MOST_FILES = 20
#: Tables that a command writes (tests/gradle_bundle/unicode_data.py).
MADE = {"UnicodeData.kt"}
#: As ktlint's official style has it.
WIDEST = 140
FOREIGN = re.compile(r"^import (android|androidx|com)\.", re.MULTILINE)


def test_only_thin_files_of_their_own_touch_android():
    files = sorted(toolchain.RUNTIME.rglob("*.kt"))
    touching = [file for file in files if FOREIGN.search(file.read_text("utf-8"))]
    thin = [file for file in touching if file.parent.name == "android"]
    assert thin and {file.name for file in touching if file not in thin} == FACADES
    assert all(len(file.read_text("utf-8").splitlines()) < 100 for file in thin)


def test_what_writes_prompts_and_judges_answers_knows_no_android():
    files = sorted(built.ANSWER.rglob("*.kt"))
    touching = [file for file in files if FOREIGN.search(file.read_text("utf-8"))]
    thin = [file for file in touching if file.parent.name == "android"]
    assert len(thin) == 2 and {file.name for file in touching if file not in thin} == {
        "Answerer.kt",
        "Tiers.kt",
    }
    assert all(len(file.read_text("utf-8").splitlines()) < 100 for file in thin)


def test_folders_are_small_and_hold_one_package():
    files = sorted(toolchain.RUNTIME.rglob("*.kt"))
    for folder in {file.parent for file in files}:
        assert sum(file.parent == folder for file in files) <= MOST_FILES
        package = folder.relative_to(toolchain.RUNTIME).as_posix().replace("/", ".")
        assert all(f"package {package}\n" in file.read_text("utf-8") for file in folder.glob("*.kt"))


def test_files_are_short_and_have_one_subject():
    folders = (toolchain.RUNTIME, built.EDGE, built.DELIVERY, built.ANSWER)
    files = [file for folder in folders for file in folder.rglob("*.kt")]
    long = {file.name: n for file in files if (n := len(file.read_text("utf-8").splitlines())) > 300}
    assert len(files) > 25 and long.keys() <= MADE


def test_no_line_is_too_wide():
    files = [
        *toolchain.RUNTIME.rglob("*.kt"),
        *built.EDGE.rglob("*.kt"),
        *built.DELIVERY.rglob("*.kt"),
        *built.ANSWER.rglob("*.kt"),
        *(built.HERE / "harness").glob("*.kt"),
    ]
    wide = [
        f"{file.name}:{n}"
        for file in files
        for n, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if len(line) > WIDEST
    ]
    assert not wide


@pytest.mark.parametrize("stub", sorted((built.HERE / "stubs").glob("*.kt")), ids=lambda file: file.stem)
def test_every_stub_names_its_version_and_source(stub):
    said = stub.read_text("utf-8").split("package ")[0]
    assert re.search(r"github\.com/|developer\.android\.com/|frameworks/support|guava\.dev", said)
    assert re.search(r" (API )?\d+(\.\d+)*\b|/releases/\d", said), said


def test_the_runtime_runs_the_search_sql_that_bundles_hold():
    known = re.search(r'KNOWN = "([0-9a-f]{64})"', next(toolchain.RUNTIME.rglob("Sql.kt")).read_text("utf-8"))
    file = ROOT / "android_assets" / "search.sql"
    assert known and known[1] == hashlib.sha256(file.read_bytes()).hexdigest(), (
        "`search.sql` was changed: KNOWN must follow"
    )
