"""The public API is what is written down, holds nothing of the machinery, and Java can use it."""

import re
import subprocess

import pytest

from tests.gradle_bundle import api, built, fetch, toolchain

pytestmark = pytest.mark.usefixtures("kotlin")

JAVA = built.HERE / "java"
#: Of rag-runtime: all that an app sees. What is in a package below is internal.
CLASSES = re.compile(r"^public .*?(dev\.pocketrag\.[\w.$]+)", re.MULTILINE)


@pytest.mark.parametrize("module", api.MODULES)
def test_the_api_is_what_is_written_down(module):
    assert api.dump(module) == api.file(module).read_text("utf-8"), (
        "the public API changed: `python -m tests.gradle_bundle.api` writes it anew; say it in the changelog"
    )


def test_nothing_internal_is_seen():
    text = api.file("rag-runtime").read_text("utf-8")
    names = CLASSES.findall(text)
    assert len(names) > 30 and not [
        name for name in names if name.startswith("dev.pocketrag.runtime.") and name.count(".") > 3
    ]
    for package in ("android", "encoder", "engine", "install", "search", "text", "tokenizer", "update"):
        assert f"dev.pocketrag.runtime.{package}." not in text


def test_every_blocking_call_has_a_twin_that_suspends():
    text = api.file("rag-runtime").read_text("utf-8")
    blocking = set(re.findall(r" (\w+)Blocking\(", text)) - {"install", "update"}
    suspending = set(re.findall(r" (\w+)\([^)]*kotlin\.coroutines\.Continuation", text))
    assert blocking == suspending - {"closeAndJoin"}


def test_java_opens_searches_holds_and_catches(tmp_path):
    jars = [built.runtime(), toolchain.stdlib(), *toolchain.libraries()]
    path = ":".join(map(str, jars))
    done = subprocess.run(
        [fetch.javac(), "-Werror", "-Xlint:all", "--release", "17", "-cp", path, "-d", tmp_path, *sorted(JAVA.glob("*.java"))],
        capture_output=True, text=True, timeout=fetch.SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = subprocess.run(
        [fetch.java(), "-cp", f"{tmp_path}:{path}", "dev.pocketrag.java.UseRag", tmp_path],
        capture_output=True,
        text=True,
        timeout=120,
    )
    # States that come faster than they are collected may be left out.
    said = [line for line in done.stdout.splitlines() if line != "checking"]
    assert said == ["threads 4", "missing", "missing", "closed", "missing", "missing"], done.stderr
