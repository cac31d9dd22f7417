"""What `gradle` and `aar` deliver of the tiers beside a bundle: a generator that ships, in a pack of its own, and no other."""

import json
import zipfile

import pytest
from pocketrag.export import gradle as module

from pocketrag.errors import InputError
from pocketrag.formats import files
from tests import offers
from tests.bundles import again, reseal, xml
from tests.conftest import cli
from tests.export.test_gradle import CONFIG, properties
from tests.verbs import aar, gradle

PACK = "rag-assets/rag_tiny_generator/src/main/assets/pocketrag"
OFFER = "sample/src/main/assets/pocketrag/tiny.tiers.json"


@pytest.fixture
def bundle(tiny_bundle, tmp_path):
    return again(tiny_bundle, tmp_path / "assets" / "tiny")


def groups(project):
    found = xml((project / "sample" / "device_targeting_config.xml").read_bytes())
    return {
        group.attrib["name"]: dict(group.find(f"{CONFIG}device-selector").attrib)
        for group in found.findall(f"{CONFIG}device-group")
    }


def test_a_generator_that_ships_is_a_pack_of_its_own(bundle, tmp_path):
    file = offers.offered(bundle)
    facts = gradle(str(bundle), out=str(tmp_path / "app"), delivery="fast-follow")
    project = tmp_path / "app"
    assert (facts["generator"], facts["answers"]) == (
        "ai pack rag_tiny_generator, on-demand",
        ["free", "standard"],
    )
    # Phones that can't carry it are in no group, and get the pack without it.
    laid = project / PACK / "tiny.generator#group_generator"
    assert files.digests(laid) == files.digests(bundle.with_name("tiny.generator"))
    assert groups(project) == {"generator": {"ram-min-bytes": "4500000000"}}
    found = properties(project)
    assert (found["pocketrag.generator"], found["pocketrag.delivery"]) == (
        "rag_tiny_generator",
        "fast-follow",
    )
    assert found["pocketrag.tiers"] == "generator"
    assert found["android.experimental.enableDeviceTargetingConfigApi"] == "true"
    assert (project / OFFER).read_bytes() == file.read_bytes()
    # The bundle itself is everybody's.
    assert (project / "rag-assets/rag_tiny/src/main/assets/pocketrag/tiny").is_dir()


def test_beside_bundles_of_several_groups_the_app_decides(bundle, tmp_path):
    offers.offered(bundle)
    gradle(str(bundle), out=str(tmp_path / "app"), tier=[f"ram8={bundle}"])
    assert (tmp_path / "app" / PACK / "tiny.generator").is_dir()
    assert list(groups(tmp_path / "app")) == ["ram8"]


@pytest.mark.parametrize("shipped", [False, None])
def test_what_does_not_ship_is_delivered_nowhere(bundle, tmp_path, shipped, capsys):
    """Nor what nobody examined."""
    if shipped is None:
        offers.published(bundle.parent)
    else:
        offers.offered(bundle, 0.5)
    facts = gradle(str(bundle), out=str(tmp_path / "app"))
    assert facts["generator"] is None and facts["answers"] == ([] if shipped is None else ["free"])
    assert "pocketrag.generator" not in properties(tmp_path / "app")
    assert (
        not list((tmp_path / "app").rglob("*.litertlm"))
        and len(list((tmp_path / "app" / "rag-assets").iterdir())) == 3
    )
    assert (tmp_path / "app" / OFFER).is_file() == (shipped is False)
    made = aar(str(bundle), out=str(tmp_path / "maven"))
    with zipfile.ZipFile(made["aar"]) as archive:
        assert not [name for name in archive.namelist() if "litertlm" in name]
    assert ("not delivered" in capsys.readouterr().err) == (shipped is None)


def test_an_archive_names_the_tiers_and_holds_no_generator(bundle, tmp_path):
    file = offers.offered(bundle)
    made = aar(str(bundle), out=str(tmp_path / "maven"))
    assert made["answers"] == ["free", "standard"]
    with zipfile.ZipFile(made["aar"]) as archive:
        assert archive.read("assets/pocketrag/tiny.tiers.json") == file.read_bytes()
        assert not [name for name in archive.namelist() if "generator" in name]


def test_the_same_tiers_give_the_same_bytes(bundle, tmp_path):
    offers.offered(bundle)
    for out in ("a", "b"):
        assert cli("gradle", bundle, "--out", tmp_path / out).returncode == 0
    assert files.digests(tmp_path / "a") == files.digests(tmp_path / "b")


def test_another_generator_than_the_examined_one_is_refused(bundle, tmp_path):
    offers.offered(bundle)
    folder = bundle.with_name("tiny.generator")
    (folder / "NOTICE").write_text("else")
    with pytest.raises(InputError, match="NOTICE: not the file that was packed"):
        gradle(str(bundle), out=str(tmp_path / "app"))
    sums = {
        name: files.sha256(folder / name)
        for name in ("generator.litertlm", "generator.json", "golden.json", "NOTICE")
    }
    (folder / "SHA256SUMS").write_text(files.sums_text(sums))
    for verb in (gradle, aar):
        with pytest.raises(InputError, match=r"not the generator that tiny\.tiers\.json lets ship"):
            verb(str(bundle), out=str(tmp_path / "app"))
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize("change", [{"name": "other"}, {"version": "9"}])
def test_tiers_of_another_bundle_are_refused(bundle, tmp_path, change):
    offers.offered(bundle)
    reseal(bundle, **change)
    with pytest.raises(InputError, match=r"tiny\.tiers\.json: is of tiny 0\.1"):
        gradle(str(bundle), out=str(tmp_path / "app"))


def test_damaged_tiers_leave_the_earlier_project_whole(bundle, tmp_path):
    file = offers.offered(bundle)
    gradle(str(bundle), out=str(tmp_path / "app"))
    before = files.digests(tmp_path / "app")
    file.write_text(json.dumps({**json.loads(file.read_text()), "more": 1}))
    done = cli("gradle", bundle, "--out", tmp_path / "app")
    assert done.returncode == 2 and "tiny.tiers.json: `more`" in " ".join(done.stderr.split())
    assert files.digests(tmp_path / "app") == before


def test_more_than_play_takes(bundle, tmp_path, monkeypatch):
    offers.offered(bundle)
    size = sum(path.stat().st_size for path in bundle.iterdir())
    folder = bundle.with_name("tiny.generator")
    (folder / "NOTICE").write_text("x" * (size + 1))
    sums = {
        name: files.sha256(folder / name)
        for name in ("generator.litertlm", "generator.json", "golden.json", "NOTICE")
    }
    (folder / "SHA256SUMS").write_text(files.sums_text(sums))
    monkeypatch.setattr(module, "PACK_LIMIT", size)
    assert cli("tiers", bundle.parent / "recipe" / "tiny.toml", "--assets", bundle.parent,
               "--exam", offers.written(tmp_path / "e.json", offers.exam(folder))).returncode == 0  # fmt: skip
    with pytest.raises(InputError, match=r"tiny\.generator: \d+ bytes, a Play pack takes"):
        gradle(str(bundle), out=str(tmp_path / "app"))
