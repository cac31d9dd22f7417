"""What `gradle` and `aar` deliver of the NPU files beside a bundle: to each phone its own, and to no phone another's."""

import zipfile

import pytest
from pocketrag.export import gradle as module

from pocketrag.errors import InputError
from pocketrag.formats import files
from tests import npu_beside, offers
from tests.bundles import again, reseal, xml
from tests.conftest import cli
from tests.export.test_gradle import ASSETS, CONFIG, properties
from tests.verbs import aar, gradle


@pytest.fixture
def bundle(tiny_bundle, tmp_path):
    return again(tiny_bundle, tmp_path / "assets" / "tiny")


@pytest.fixture
def folder(bundle):
    return npu_beside.lay(bundle)


def selectors(project):
    """Return group -> (maker, SoC) of each of its selectors."""
    found = xml((project / "sample" / "device_targeting_config.xml").read_bytes())
    return {
        group.attrib["name"]: [
            (chip.attrib["manufacturer"], chip.attrib["model"])
            for chip in group.iter(f"{CONFIG}system-on-chip")
        ]
        for group in found.findall(f"{CONFIG}device-group")
    }


def test_each_phone_gets_its_own(bundle, folder, tmp_path):
    facts = gradle(str(bundle), out=str(tmp_path / "app"))
    project = tmp_path / "app"
    assert facts["npu"] == ["SM8650", "SM8750"] and facts["tiers"] == {}
    names = {soc: f"Qualcomm_{soc}" for soc in npu_beside.SOCS}
    assert selectors(project) == {names[soc]: [("Qualcomm", soc), ("QTI", soc)] for soc in npu_beside.SOCS}
    laid = project / ASSETS
    assert {path.name for path in laid.iterdir()} == {
        "tiny",
        "tiny.npu#group_other",
        *(f"tiny.npu#group_{name}" for name in names.values()),
    }
    # Who has no file of its own is told which there are; the bundle is everybody's, and so is its CPU file.
    assert {path.name for path in (laid / "tiny.npu#group_other").iterdir()} == {"npu.json", "NOTICE"}
    for soc, name in names.items():
        found = files.digests(laid / f"tiny.npu#group_{name}")
        assert found == {key: files.sha256(folder / key) for key in ("npu.json", "NOTICE", f"{soc}.tflite")}
    assert files.digests(laid / "tiny") == files.digests(bundle)
    found = properties(project)
    assert found["pocketrag.npu"] == "SM8650,SM8750"
    assert found["pocketrag.tiers"] == "Qualcomm_SM8650,Qualcomm_SM8750"
    assert found["android.experimental.enableDeviceTargetingConfigApi"] == "true"


def test_a_renamed_folder_is_delivered_under_the_bundles_name(bundle, folder, tmp_path):
    bundle.rename(bundle.with_name("other"))
    folder.rename(folder.with_name("other.npu"))
    gradle(str(bundle.with_name("other")), out=str(tmp_path / "app"))
    assert (tmp_path / "app" / ASSETS / "tiny.npu#group_Qualcomm_SM8750" / "SM8750.tflite").is_file()


def test_the_same_files_give_the_same_bytes(bundle, folder, tmp_path):
    for out in ("a", "b"):
        assert cli("gradle", bundle, "--out", tmp_path / out).returncode == 0
    assert files.digests(tmp_path / "a") == files.digests(tmp_path / "b")


def test_without_files_nothing_is_told_apart(bundle, tmp_path):
    facts = gradle(str(bundle), out=str(tmp_path / "app"))
    assert facts["npu"] == [] and "pocketrag.npu" not in properties(tmp_path / "app")
    assert not (tmp_path / "app" / "sample" / "device_targeting_config.xml").exists()


def test_a_generator_beside_them_is_in_no_group(bundle, folder, tmp_path):
    """A phone is in one group alone, and every folder that is for groups must know all of them."""
    offers.offered(bundle)
    gradle(str(bundle), out=str(tmp_path / "app"))
    assert list(selectors(tmp_path / "app")) == ["Qualcomm_SM8650", "Qualcomm_SM8750"]
    pack = tmp_path / "app" / "rag-assets" / "rag_tiny_generator" / "src" / "main" / "assets" / "pocketrag"
    assert [path.name for path in pack.iterdir()] == ["tiny.generator"]


def test_tiers_by_memory_beside_them_are_refused(bundle, folder, tmp_path):
    done = cli("gradle", bundle, "--out", tmp_path / "app", "--tier", f"ram8={bundle}")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert f"--tier: {folder} lies beside the bundle" in " ".join(done.stderr.split())
    assert not (tmp_path / "app").exists()


def test_a_phones_download_is_the_bundle_and_one_file(bundle, folder, tmp_path, monkeypatch):
    size = sum(path.stat().st_size for path in bundle.iterdir())
    monkeypatch.setattr(module, "PACK_LIMIT", size + len("compiled for SM8750"))
    gradle(str(bundle), out=str(tmp_path / "app"))
    monkeypatch.setattr(module, "PACK_LIMIT", size + len("compiled for SM8750") - 1)
    with pytest.raises(InputError, match="a Play pack takes"):
        gradle(str(bundle), out=str(tmp_path / "app"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda spec: spec.update(name="other"), r"npu\.json: is of other 0\.1, the bundle is tiny 0\.1"),
        (lambda spec: spec.update(version="9"), r"npu\.json: is of tiny 9, the bundle is tiny 0\.1"),
        (lambda spec: spec.update(model="0" * 64), r"npu\.json: `model` is another than .*embedder\.tflite"),
        (lambda spec: spec.update(contract=2), r"npu\.json: contract 2"),
        (lambda spec: spec["files"].update({"../SM8750": spec["files"].pop("SM8750")}), r"npu\.json: `files\.\.\./SM8750"),
        (lambda spec: spec["files"]["SM8750"].update(file="../SM8750.tflite"), r"npu\.json: `files\.SM8750\.file`"),
        (lambda spec: spec["files"]["SM8750"].update(sha256="0" * 64), r"SM8750\.tflite: not the file of npu\.json"),
        (lambda spec: spec["files"]["SM8750"].update(bytes=1), r"SM8750\.tflite: not the file of npu\.json"),
        (lambda spec: spec.pop("lengths"), r"npu\.json: `lengths`"),
    ],
)  # fmt: skip
def test_files_of_another_bundle_or_without_sense_are_refused(bundle, folder, tmp_path, change, said):
    npu_beside.edit(folder, change)
    with pytest.raises(InputError, match=said):
        gradle(str(bundle), out=str(tmp_path / "app"))
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "SM8750.tflite").unlink(), r"SM8750\.tflite: missing"),
        (
            lambda folder: (folder / "SM8750.tflite").write_bytes(b"else"),
            r"SM8750\.tflite: not the file that was",
        ),
        (lambda folder: (folder / "NOTICE").write_text("else"), r"NOTICE: not the file that was"),
        (lambda folder: (folder / "npu.json").write_text("{"), r"npu\.json"),
        (lambda folder: (folder / "npu.json").unlink(), r"npu\.json"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), r"SHA256SUMS: missing"),
    ],
)
def test_damaged_files_leave_the_earlier_project_whole(bundle, folder, tmp_path, damage, said):
    gradle(str(bundle), out=str(tmp_path / "app"))
    before = files.digests(tmp_path / "app")
    damage(folder)
    with pytest.raises(InputError, match=said):
        gradle(str(bundle), out=str(tmp_path / "app"))
    assert files.digests(tmp_path / "app") == before


def test_a_newer_bundle_does_not_take_the_files_of_the_older(bundle, folder, tmp_path):
    reseal(bundle, version="0.2")
    done = cli("gradle", bundle, "--out", tmp_path / "app")
    assert done.returncode == 2 and "is of tiny 0.1, the bundle is tiny 0.2" in " ".join(done.stderr.split())


def test_an_archive_can_not_tell_phones_apart_and_says_so(bundle, tmp_path, capsys):
    assert aar(str(bundle), out=str(tmp_path / "without"))["left_out"] is None
    folder = npu_beside.lay(bundle)
    made = aar(str(bundle), out=str(tmp_path / "maven"))
    with zipfile.ZipFile(made["aar"]) as archive:
        assert not [name for name in archive.namelist() if "npu" in name.lower()]
    assert (
        made["left_out"].startswith(f"{folder}: not in the archive")
        and "pocketrag gradle" in made["left_out"]
    )
    assert "not in the archive" in capsys.readouterr().err
