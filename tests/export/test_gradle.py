"""`pocketrag gradle`: the project, its pack and its tiers, the same bytes each time, and what it leaves alone."""

import shutil
import zipfile
from pathlib import Path

import pytest
from pocketrag.export import gradle as module
from pocketrag.export.android.runtime import coordinates
from pocketrag.gradle_bundle import libraries, template

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.manifest import MANIFEST
from pocketrag.recipe.toml import tomllib
from tests.bundles import again, reseal, xml
from tests.conftest import ROOT, cli
from tests.verbs import gradle
from tests.wheels import build_wheel

ASSETS = "rag-assets/rag_tiny/src/main/assets/pocketrag"
CONFIG = "{http://schemas.android.com/apk/config}"


def properties(project: Path) -> dict[str, str]:
    lines = (project / "gradle.properties").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_project_is_the_template_with_the_bundle(tiny_bundle, tmp_path):
    facts = gradle(str(tiny_bundle), out=str(tmp_path / "app"), pack="asset", delivery="on-demand")
    project = tmp_path / "app"
    for name, path in template().items():
        start = (project / name).read_bytes()[: path.stat().st_size]
        assert start == path.read_bytes(), name
    assert {path.name for path in (project / ASSETS / "tiny").iterdir()} == {
        path.name for path in tiny_bundle.iterdir()
    }
    assert files.digests(project / ASSETS / "tiny") == files.digests(tiny_bundle)
    found = properties(project)
    assert [found[f"pocketrag.{key}"] for key in ("bundle", "pack", "delivery")] == [
        "rag_tiny",
        "asset",
        "on-demand",
    ]
    assert (
        "pocketrag.tiers" not in found and not (project / "sample" / "device_targeting_config.xml").exists()
    )
    for library in ("rag-runtime", "rag-delivery", "rag-answer"):
        assert not (project / library).exists(), "it comes compiled, from the folder `maven`"
    assert facts["pack"] == "asset pack rag_tiny" and facts["bytes"] > sum(
        path.stat().st_size for path in tiny_bundle.iterdir()
    )


def test_tiers_lie_in_device_groups(tiny_bundle, tmp_path):
    small = reseal(again(tiny_bundle, tmp_path / "small"), name="small-one", version="2.0")
    large = reseal(again(tiny_bundle, tmp_path / "large"), name="large", version="3.0")
    facts = gradle(str(tiny_bundle), out=str(tmp_path / "app"), tier=[f"ram12={large}", f"ram8={small}"])
    project = tmp_path / "app"
    assert list(facts["tiers"]) == ["ram8", "ram12"]
    folders = {path.name for path in (project / ASSETS).iterdir()}
    assert folders == {"tiny#group_other", "tiny#group_ram8", "tiny#group_ram12"}
    for folder, bundle in (
        ("tiny#group_other", tiny_bundle),
        ("tiny#group_ram8", small),
        ("tiny#group_ram12", large),
    ):
        assert files.digests(project / ASSETS / folder) == files.digests(bundle)
    found = properties(project)
    assert (
        found["pocketrag.tiers"] == "ram8,ram12"
        and found["android.experimental.enableDeviceTargetingConfigApi"] == "true"
    )
    groups = xml((project / "sample" / "device_targeting_config.xml").read_bytes())
    rows = {
        group.attrib["name"]: group.find(f"{CONFIG}device-selector").attrib
        for group in groups.findall(f"{CONFIG}device-group")
    }
    assert rows == {
        "ram8": {"ram-min-bytes": "8000000000", "ram-max-bytes": "12000000000"},
        "ram12": {"ram-min-bytes": "12000000000"},
    }


def test_a_pack_has_a_name_that_play_takes(tiny_bundle, tmp_path):
    gradle(str(reseal(tiny_bundle, name="1st-book_fr")), out=str(tmp_path / "app"))
    assert properties(tmp_path / "app")["pocketrag.bundle"] == "rag_1st_book_fr"
    assert (
        tmp_path
        / "app"
        / "rag-assets"
        / "rag_1st_book_fr"
        / "src"
        / "main"
        / "assets"
        / "pocketrag"
        / "1st-book_fr"
    ).is_dir()


def test_the_same_bundle_gives_the_same_bytes(tiny_bundle, tmp_path):
    copy = again(tiny_bundle, tmp_path / "elsewhere" / "tiny")
    for bundle, out in ((tiny_bundle, "a"), (copy, "b")):
        done = cli("gradle", bundle, "--out", tmp_path / out, "--tier", f"ram8={bundle}")
        assert done.returncode == 0, done.stderr
    first = files.digests(tmp_path / "a")
    assert first == files.digests(tmp_path / "b")
    gradle(str(tiny_bundle), out=str(tmp_path / "a"), tier=[f"ram8={copy}"])
    assert files.digests(tmp_path / "a") == first


def test_an_earlier_project_is_replaced_and_knows_where_the_sdk_is(tiny_bundle, tmp_path):
    project = tmp_path / "app"
    gradle(str(tiny_bundle), out=str(project))
    (project / "local.properties").write_text("sdk.dir=there")
    (project / "sample" / "build" / "outputs").mkdir(parents=True)
    (project / "sample" / "build" / "outputs" / "app.apk").write_text("built")
    (project / ".gradle").mkdir()
    gradle(str(reseal(tiny_bundle, version="0.2")), out=str(project), pack="asset")
    assert properties(project)["pocketrag.pack"] == "asset"
    assert (project / "local.properties").read_text() == "sdk.dir=there" and not (
        project / "sample" / "build"
    ).exists()


@pytest.mark.parametrize(
    "where",
    ["notes.txt", "sample/src/main/kotlin/Mine.kt", f"{ASSETS}/tiny/embedder.tflite", "gradle.properties"],
)
def test_a_project_that_somebody_worked_in_is_left_alone(tiny_bundle, tmp_path, where):
    project = tmp_path / "app"
    gradle(str(tiny_bundle), out=str(project))
    (project / where).parent.mkdir(parents=True, exist_ok=True)
    (project / where).write_text("mine")
    before = files.digests(project)
    with pytest.raises(InputError, match=f"{Path(where).name}: was changed or added"):
        gradle(str(tiny_bundle), out=str(project))
    assert files.digests(project) == before


@pytest.mark.parametrize("out", ["", ".", "..", "made/.."])
def test_a_folder_without_a_name_of_its_own(tiny_bundle, out, tmp_path, monkeypatch):
    """It is made beside and renamed, which the folder that one stands in can't be."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no name of its own"):
        gradle(str(tiny_bundle), out=out)


def test_what_gradle_itself_leaves_is_nobodys_work(tiny_bundle, tmp_path):
    gradle(str(tiny_bundle), out=str(tmp_path / "app"))
    for name in ("gradlew", "gradlew.bat", "gradle/wrapper/gradle-wrapper.properties", "build/sample.apks"):
        (tmp_path / "app" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "app" / name).write_text("left")
    gradle(str(tiny_bundle), out=str(tmp_path / "app"))
    assert not (tmp_path / "app" / "gradlew").exists()


def test_what_is_not_ours_is_left_alone(tiny_bundle, tmp_path):
    other, file, link = tmp_path / "other", tmp_path / "file", tmp_path / "link"
    other.mkdir()
    (other / "settings.gradle.kts").write_text("mine")
    file.write_text("mine")
    link.symlink_to(other)
    for out in (other, file, link, tiny_bundle):
        with pytest.raises(InputError, match="left alone"):
            gradle(str(tiny_bundle), out=str(out))
    assert (other / "settings.gradle.kts").read_text() == file.read_text() == "mine" and (
        tiny_bundle / MANIFEST
    ).is_file()
    gradle(str(tiny_bundle), out=str(tmp_path / "empty" / "new"))


@pytest.mark.parametrize("marker", ["{}", "[]", '{"files": 3}', "no json"])
def test_a_marker_that_is_none(tiny_bundle, tmp_path, marker):
    gradle(str(tiny_bundle), out=str(tmp_path / "app"))
    (tmp_path / "app" / module.MARKER).write_text(marker)
    with pytest.raises(InputError, match=r"\.pocketrag-gradle\.json"):
        gradle(str(tiny_bundle), out=str(tmp_path / "app"))


@pytest.mark.parametrize(
    ("tier", "said"),
    [("ram8", "GROUP=BUNDLE"), ("=x", "GROUP=BUNDLE"), ("ram8=", "GROUP=BUNDLE"), ("high={}", "like ram8"), ("ram0={}", "like ram8"),
     ("ram08={}", "like ram8"), ("../x={}", "like ram8"), ("ram8=nowhere", "not a bundle")],
)  # fmt: skip
def test_a_tier_that_makes_no_sense(tiny_bundle, tmp_path, tier, said):
    with pytest.raises(InputError, match=said):
        gradle(str(tiny_bundle), out=str(tmp_path / "app"), tier=[tier.format(tiny_bundle)])
    assert not (tmp_path / "app").exists()


def test_a_group_twice(tiny_bundle, tmp_path):
    with pytest.raises(InputError, match="twice"):
        gradle(str(tiny_bundle), out=str(tmp_path / "app"), tier=[f"ram8={tiny_bundle}"] * 2)


@pytest.mark.parametrize("options", [{"pack": "zip"}, {"delivery": "tomorrow"}])
def test_options_that_are_none(tiny_bundle, tmp_path, options):
    with pytest.raises(InputError, match="is none of"):
        gradle(str(tiny_bundle), out=str(tmp_path / "app"), **options)


def test_a_damaged_bundle_or_tier_leaves_the_earlier_project_whole(tiny_bundle, tmp_path):
    project, broken = tmp_path / "app", again(tiny_bundle, tmp_path / "broken")
    gradle(str(tiny_bundle), out=str(project))
    before = files.digests(project)
    (broken / "corpus.db").write_bytes(b"broken")
    for bundle, tier in ((broken, None), (tiny_bundle, [f"ram8={broken}"])):
        with pytest.raises(InputError, match="not the file that was built"):
            gradle(str(bundle), out=str(project), tier=tier)
    assert files.digests(project) == before


def test_another_contract(tiny_bundle, tmp_path):
    with pytest.raises(InputError, match="contract version 3"):
        gradle(str(reseal(tiny_bundle, contract=3)), out=str(tmp_path / "app"))


def test_more_than_play_takes(tiny_bundle, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PACK_LIMIT", 1000)
    with pytest.raises(InputError, match="a Play pack takes 1000"):
        gradle(str(tiny_bundle), out=str(tmp_path / "app"))


def test_a_bundle_that_changes_while_it_is_copied(tiny_bundle, tmp_path, monkeypatch):
    copy = shutil.copyfile

    def late(source, target):
        if Path(source).name == "golden.json":
            Path(source).write_text("{}")
        return copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", late)
    with pytest.raises(InputError, match=r"golden\.json: changed while"):
        gradle(str(tiny_bundle), out=str(tmp_path / "app"))
    assert not (tmp_path / "app").exists() and not [
        p for p in tmp_path.iterdir() if p.name.startswith(".app")
    ]


def test_a_wheel_carries_the_template_and_the_libraries(tmp_path):
    wheel = build_wheel(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name: archive.read(name)
            for name in archive.namelist()
            if name.startswith("pocketrag/gradle_bundle/")
        }
    carried = {**template(), **libraries()}
    assert {f"pocketrag/gradle_bundle/{name}" for name in [*carried, "__init__.py"]} == set(packed)
    for name, path in carried.items():
        assert packed[f"pocketrag/gradle_bundle/{name}"] == path.read_bytes(), name


def test_the_guides_name_the_demo_as_it_is_published():
    recipe = tomllib.loads((ROOT / "recipes" / "demo.toml").read_text("utf-8"))
    lines = (
        f'implementation("dev.pocketrag:rag-assets-{recipe["name"]}:{recipe["version"]}@aar")',
        f'implementation("{coordinates()}")',
    )
    for guide in ("README.md", "android_assets/README.md"):
        for line in lines:
            assert line in (ROOT / guide).read_text("utf-8"), (guide, line)
