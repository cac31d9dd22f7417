"""What `write_site` writes, and what it refuses; packages stand in for npm's, and a script for npm."""

import json
import re
import shutil

import pytest
from pocketrag.android_assets import sql
from pocketrag.serve.browser import site_packages
from pocketrag.serve.browser.site_packages import FILES, versions
from pocketrag.serve.browser.write_site import write_site

from pocketrag.errors import InputError
from pocketrag.formats import files
from tests.conftest import ROOT
from tests.ladders import with_fallback

SITE = ROOT / "serve" / "browser" / "site"
PACKAGES = ROOT / "serve" / "browser" / "packages"


@pytest.fixture
def modules(tmp_path):
    """Packages of the right versions, with little in them."""
    folder = tmp_path / "node_modules"
    for name, file in FILES:
        (folder / name / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / file).write_text(f"{name} {file}")
    (folder / site_packages.LITERT / "dist" / "index.js").write_text(f"import x {site_packages.BARE};")
    for name, version in versions().items():
        (folder / name / "package.json").write_text(json.dumps({"version": version}))
    return folder


def test_the_bundle_lies_there_byte_for_byte(tiny_bundle, modules, tmp_path):
    facts = write_site(tiny_bundle, tmp_path / "out", modules)
    assert files.digests(tmp_path / "out" / "bundle") == files.digests(tiny_bundle)
    assert (tmp_path / "out" / "bundle" / "search.sql").read_text("utf-8") == sql("search.sql")
    listed = json.loads((tmp_path / "out" / "pocketrag-files.json").read_text("utf-8"))["files"]
    digests = files.digests(tmp_path / "out")
    assert {name: row["sha256"] for name, row in listed.items()} == {
        name: digest
        for name, digest in digests.items()
        if name not in ("pocketrag-files.json", "service-worker.js")
    }
    assert facts.files == len(digests) and facts.bundle == "tiny"
    assert facts.bytes == sum(path.stat().st_size for path in (tmp_path / "out").rglob("*") if path.is_file())


def test_a_first_visit_loads_one_encoder_and_one_build_of_litert(tiny_bundle, modules, tmp_path):
    facts = write_site(with_fallback(tiny_bundle), tmp_path / "out", modules)
    out = tmp_path / "out"
    spared = [
        out / "bundle" / "fallback.tflite",
        out / "bundle" / "fallback.golden.json",
        *out.rglob("*compat*"),
    ]
    assert len(spared) == 4 and facts.first_visit == facts.bytes - sum(path.stat().st_size for path in spared)


def test_all_that_the_service_worker_keeps_is_there(tiny_bundle, modules, tmp_path):
    facts = write_site(tiny_bundle, tmp_path / "out", modules)
    text = (tmp_path / "out" / "service-worker.js").read_text("utf-8")
    shell = json.loads(re.search(r"^const SHELL = (.*);$", text, re.MULTILINE)[1])
    assert [name for name in shell if not (tmp_path / "out" / name).exists()] == []
    assert {f"js/{path.name}" for path in (tmp_path / "out" / "js").iterdir()} <= set(shell)
    assert f'const VERSION = "{facts.version}";' in text


def test_the_same_bundle_gives_the_same_site_and_another_one_another_version(tiny_bundle, modules, tmp_path):
    first = write_site(tiny_bundle, tmp_path / "out", modules)
    before = files.digests(tmp_path / "out")
    assert (
        write_site(tiny_bundle, tmp_path / "out", modules) == first
        and files.digests(tmp_path / "out") == before
    )
    assert write_site(with_fallback(tiny_bundle), tmp_path / "out", modules).version != first.version


def test_no_package_is_named_by_its_bare_name_and_no_other_host_is(tiny_bundle, modules, tmp_path):
    write_site(tiny_bundle, tmp_path / "out", modules)
    assert (
        tmp_path / "out" / "packages" / "litert" / "index.js"
    ).read_text() == f"import x {site_packages.PATH};"
    ours = {path.name: path.read_text("utf-8") for path in SITE.iterdir()}
    hosts = {name: found for name, text in ours.items() if (found := re.findall(r"https?://[^\"' ]+", text))}
    assert hosts == {"icon.svg": ["http://www.w3.org/2000/svg"]}  # the name of a format, which nothing loads
    assert [
        name
        for name, text in ours.items()
        if re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    ] == []


def test_the_page_allows_itself_nothing_but_its_own_files_and_webassembly():
    text = (SITE / "index.html").read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert "default-src 'self'" in policy and "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert (
        "unsafe-inline" not in policy
        and "style=" not in text
        and "<style" not in text
        and not re.search(r" on\w+=", text)
    )


def test_the_lock_holds_digests_and_no_host():
    text = (PACKAGES / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    assert "http" not in text and "resolved" not in text
    assert all(row["integrity"].startswith("sha512-") for name, row in packages.items() if name)
    asked = json.loads((PACKAGES / "package.json").read_text("utf-8"))["dependencies"]
    assert packages[""]["dependencies"] == asked and set(asked) < set(versions())


def refused(word, *arguments):
    with pytest.raises(InputError, match=re.escape(word)) as found:
        write_site(*arguments)
    assert found.value.exit_code == 2 and "\n" not in str(found.value)


def test_a_folder_that_is_no_bundle(modules, tmp_path):
    refused("not a bundle", tmp_path, tmp_path / "out", modules)


@pytest.mark.parametrize("name", ["corpus.db", "NOTICE", "manifest.json"])
def test_a_bundle_that_was_changed_leaves_the_earlier_site(name, tiny_bundle, modules, tmp_path):
    write_site(tiny_bundle, tmp_path / "out", modules)
    before = files.digests(tmp_path / "out")
    with (tiny_bundle / name).open("ab") as stream:
        stream.write(b" ")
    refused(name, tiny_bundle, tmp_path / "out", modules)
    assert files.digests(tmp_path / "out") == before


def test_something_else_is_left_alone(tiny_bundle, modules, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    refused("left alone", tiny_bundle, tmp_path / "out", modules)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]


def test_a_site_in_around_or_over_its_bundle(tiny_bundle, modules):
    for out in (tiny_bundle, tiny_bundle / "site", tiny_bundle.parent):
        refused("Choose another folder", tiny_bundle, out, modules)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda folder: shutil.rmtree(folder / "@sqlite.org"), "missing"),
        (lambda folder: (folder / "@litertjs/core/package.json").write_text('{"version": "1.0.0"}'), "is 1.0.0, needed is"),
        (lambda folder: (folder / "@litertjs/core/package.json").write_text("{"), "not a package.json"),
        (lambda folder: (folder / "@litertjs/core/wasm/litert_wasm_internal.wasm").unlink(), "litert_wasm_internal.wasm"),
        (lambda folder: (folder / "@litertjs/core/dist/index.js").write_text("other"), "does not import"),
    ],
)  # fmt: skip
def test_packages_that_are_not_those_of_the_lock(change, word, tiny_bundle, modules, tmp_path):
    change(modules)
    refused(word, tiny_bundle, tmp_path / "out", modules)
    assert not (tmp_path / "out").exists()


def test_without_npm(tiny_bundle, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    refused("npm is missing", tiny_bundle, tmp_path / "out")


def npm(tmp_path, monkeypatch, script):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "bin" / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")


def test_npm_that_fails_is_told_in_its_own_words(tiny_bundle, tmp_path, monkeypatch):
    npm(
        tmp_path, monkeypatch, "echo 'npm error code ENOTFOUND\nnpm error network request failed' >&2; exit 1"
    )
    refused("network request failed", tiny_bundle, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_npm_installs_by_the_lock_and_runs_no_script(tiny_bundle, modules, tmp_path, monkeypatch):
    npm(
        tmp_path,
        monkeypatch,
        f'echo "$@" > {tmp_path}/said; cmp package-lock.json {PACKAGES}/package-lock.json && cp -r {modules} .',
    )
    write_site(tiny_bundle, tmp_path / "out")
    said = (tmp_path / "said").read_text().split()
    assert said[0] == "ci" and "--ignore-scripts" in said
