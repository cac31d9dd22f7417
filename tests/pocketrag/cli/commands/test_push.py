"""`pocketrag push` to a hub on this machine: what goes there, and all that is refused."""

import json
from pathlib import Path

import pytest
import yaml

from pocketrag.formats.generator.answer_tiers import tiers_beside
from pocketrag.formats.manifest import MANIFEST
from tests.bundles import reseal
from tests.conftest import real_cli
from tests.hub_server import TOKEN, hub

TO = "acme/tiny-bundle"


@pytest.fixture
def server():
    with hub() as found:
        yield found


@pytest.fixture
def push(server, tmp_path):
    """Run `push --json` against that hub and return exit code, facts, and what went to standard error."""

    def run(bundle, *more, to=TO, token=TOKEN):
        env = {"HF_ENDPOINT": server.address, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "hub-home"),
               "HF_TOKEN": token, "HF_HUB_DISABLE_XET": "1"}  # fmt: skip
        done = real_cli("push", bundle, "--to", to, "--json", *more, env=env)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout), done.stderr

    return run


def contents(bundle: Path) -> dict[str, bytes]:
    return {f"tiny/{path.name}": path.read_bytes() for path in bundle.iterdir()}


def header(card: str) -> dict:
    return yaml.safe_load(card.split("---\n")[1])


def test_a_bundle_goes_there_as_it_is_with_its_card(push, server, tiny_bundle):
    assert real_cli("verify", tiny_bundle).returncode == 0  # writes the report beside it
    code, facts, said = push(tiny_bundle, "--private")
    assert code == 0, said
    files = dict(server.repositories[TO]["files"])
    assert server.repositories[TO]["private"] is True and facts["private"] is True
    card = files.pop("README.md").decode()
    assert card == facts["card"] and files.pop(".gitattributes") == b""
    report = json.loads(files.pop("tiny.report.json"))
    assert report["model_id"] == facts["bundle"]
    assert files == contents(tiny_bundle)
    assert facts["commit"] == "c" * 40 and facts["url"].endswith(f"{TO}/commit/{facts['commit']}")
    assert set(facts["files"]) == {*files, "README.md", "tiny.report.json"}
    assert facts["bytes"] == sum(facts["files"].values())


def test_the_card_says_what_it_is(push, tiny_bundle):
    code, facts, _ = push(tiny_bundle, "--dry-run")
    manifest = json.loads((tiny_bundle / MANIFEST).read_text("utf-8"))
    assert code == 0 and header(facts["card"])["license"] == "apache-2.0"
    # A folder's name is no id of the hub.
    assert "base_model" not in header(facts["card"])
    for part in (
        manifest["model_id"],
        f"hf download {TO} --local-dir android_assets",
        'Rag.open(context, "tiny")',
        "device_latency",
        facts["standing"],
        *(entry["sha256"] for entry in manifest["files"].values()),
    ):
        assert part.replace("_", r"\_") in facts["card"] or part in facts["card"].replace("\\", "")


def test_a_licence_that_the_hub_does_not_know_is_named(push, tiny_bundle):
    reseal(tiny_bundle, base_model="acme/base", licences={"model": "Acme Terms 2"})
    _, facts, _ = push(tiny_bundle, "--dry-run")
    found = header(facts["card"])
    assert (found["license"], found["license_name"]) == ("other", "acme-terms-2")
    assert found["base_model"] == "acme/base" and found["license_link"] == "tiny/NOTICE"


def test_a_dry_run_asks_nobody_and_needs_no_token(push, server, tiny_bundle):
    code, facts, said = push(tiny_bundle, "--dry-run", token="")
    assert code == 0, said
    assert (
        server.asked == [] and facts["commit"] is None and facts["url"] is None and facts["dry_run"] is True
    )
    assert facts["files"]["tiny/corpus.db"] == (tiny_bundle / "corpus.db").stat().st_size


def test_without_a_token_it_says_how_to_get_one(push, server, tiny_bundle):
    code, facts, said = push(tiny_bundle, token="")
    assert code == 2 and "hf auth login" in facts["error"] and len(said.strip().splitlines()) == 1
    assert server.asked == []


def test_the_next_version_takes_the_place_of_the_one_before(push, server, tiny_bundle):
    assert push(tiny_bundle)[0] == 0
    assert push(tiny_bundle)[1]["state"] == "holds this bundle as it is"
    files = server.repositories[TO]["files"]
    before = json.loads(files["tiny/manifest.json"])
    files["tiny/manifest.json"] = json.dumps({**before, "version": "0.0.9"}).encode()
    files["tiny/gone.bin"] = b"of the version before"
    code, facts, said = push(tiny_bundle)
    assert code == 0, said
    assert facts["state"] == "holds another version of this bundle" and "tiny/gone.bin" not in files
    assert files["tiny/manifest.json"] == (tiny_bundle / MANIFEST).read_bytes()


def test_the_same_version_with_other_bytes_is_refused(push, server, tiny_bundle):
    assert push(tiny_bundle)[0] == 0
    before = dict(server.repositories[TO]["files"])
    reseal(tiny_bundle, tools={"pocketrag": "other"})
    code, facts, _ = push(tiny_bundle)
    assert code == 2 and "with other bytes" in facts["error"] and server.repositories[TO]["files"] == before


@pytest.mark.parametrize(
    ("there", "more", "said"),
    [
        ({"other/manifest.json": b"{}"}, (), "holds another bundle, other"),
        ({"model.safetensors": b"1"}, (), "holds model.safetensors and no bundle of ours"),
        ({}, ("--private",), "is there and public"),
    ],
)
def test_a_repository_of_something_else_is_left_alone(there, more, said, push, server, tiny_bundle):
    server.repositories[TO] = {"private": False, "files": dict(there)}
    code, facts, _ = push(tiny_bundle, *more)
    assert code == 2 and said in facts["error"] and server.repositories[TO]["files"] == there
    assert not [one for one in server.asked if "commit" in one]


def test_a_damaged_bundle_is_refused_before_anybody_is_asked(push, server, tiny_bundle):
    with (tiny_bundle / "corpus.db").open("ab") as stream:
        stream.write(b"x")
    code, facts, _ = push(tiny_bundle)
    assert code == 2 and "corpus.db" in facts["error"] and server.asked == []


def test_a_bundle_whose_gates_fail_is_refused(push, server, tiny_bundle):
    limits = json.loads((tiny_bundle / MANIFEST).read_text("utf-8"))["limits"]
    reseal(tiny_bundle, limits={**limits, "model_megabytes": 0.001})
    code, facts, _ = push(tiny_bundle)
    assert code == 1 and "Nothing was sent." in facts["error"] and server.asked == []


@pytest.mark.parametrize("to", ["acme", "a/b/c", "acme/", "acme/x..y", "../x", "acme/b.git", "a b/c"])
def test_a_name_that_is_none_is_refused(to, push, server, tmp_path):
    code, facts, _ = push(tmp_path, "--dry-run", to=to)
    assert code == 2 and "OWNER/NAME" in facts["error"]


def test_what_the_hub_refuses_is_one_sentence(push, server, tiny_bundle):
    server.refuses = True
    code, facts, _ = push(tiny_bundle)
    assert code == 2 and TO in facts["error"] and "may not write there" in facts["error"]
    assert "\n" not in facts["error"]


def test_a_hub_that_is_away_is_one_sentence(push, server, tiny_bundle):
    server.address = "http://127.0.0.1:9"
    code, facts, _ = push(tiny_bundle)
    assert code == 2 and "the hub did not do it" in facts["error"] and "a bug" not in facts["error"]


def test_people_see_files_sizes_what_stays_here_and_the_card(tiny_bundle):
    tiers = tiers_beside(tiny_bundle)
    tiers.write_text("{}")
    done = real_cli("push", tiny_bundle, "--to", TO, "--dry-run")
    assert done.returncode == 0, done.stderr
    size = f"{(tiny_bundle / 'corpus.db').stat().st_size:,}"
    assert [line for line in done.stdout.splitlines() if line.split() == ["tiny/corpus.db", size]]
    assert tiers.name in done.stdout and "nothing (--dry-run)" in done.stdout
    assert "\n# tiny 0.1\n" in done.stdout and "next:" not in done.stdout
