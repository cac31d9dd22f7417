"""`npu.json` and what lies beside it: read strictly, and whole or refused."""

import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.npu import NpuFile, NpuProof, NpuSpec
from pocketrag.formats.npu import SPEC, SUMS, claim, npu_beside, read_npu
from pocketrag.formats.npu.npu_folder import publish_npu, write_npu
from tests.npu import SOC, reseal

DIGEST = "a" * 64
PROOF = NpuProof(
    how="emulated", mean_cosine=0.9995, least_cosine=0.9994, norm_low=0.9997, norm_high=1.0003, n=12, overlap=0.99, overlap_n=12
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "demo.npu"
    made.mkdir()
    (made / "SM8750.tflite").write_bytes(b"a context")
    file = NpuFile(
        file="SM8750.tflite", bytes=9, sha256=files.sha256(made / "SM8750.tflite"), hexagon=79, signatures=("embed_32",)
    )  # fmt: skip
    spec = NpuSpec(
        contract=1, name="demo", version="1.0.0", model=DIGEST, lengths=(32,), files={SOC: file}, tools={"qairt": "2.50.40"}, proofs={}
    )  # fmt: skip
    write_npu(made, spec, "Made of a model.")
    return made


def test_what_was_written_is_read(folder):
    spec = read_npu(folder)
    assert spec.files[SOC].hexagon == 79 and spec.lengths == (32,) and spec.proofs == {}
    notice = (folder / "NOTICE").read_text()
    assert notice.startswith("Made of a model.") and "Qualcomm" in notice and "not allowed" in notice


def test_publishing_adds_what_was_proved_and_nothing_else(folder, tmp_path):
    for target in (tmp_path / "a.npu", tmp_path / "b.npu"):
        publish_npu(folder, target, {SOC: PROOF})
    assert files.digests(tmp_path / "a.npu") == files.digests(tmp_path / "b.npu")
    spec = read_npu(tmp_path / "a.npu")
    assert spec.proofs == {SOC: PROOF} and spec.files == read_npu(folder).files


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"contract": 2}, "contract 2; this pocketrag reads 1"),
        ({"version": 1}, "`version`"),
        ({"lengths": [64, 32]}, "each once, shortest first"),
        ({"lengths": [64]}, "one signature for each of `lengths`"),
        ({"lengths": ["32"]}, "`lengths.0`"),
        ({"files": {}}, "`files`"),
        ({"more": 1}, "`more`"),
        ({"proofs": {"SM8650": PROOF.as_json()}}, "SM8650 is none of `files`"),
    ],
)
def test_what_it_does_not_say_so_is_refused(folder, changed, said):
    with pytest.raises(InputError, match="pocketrag npu RECIPE") as error:
        read_npu(reseal(folder, **changed))
    assert said in str(error.value) and SPEC in str(error.value)


@pytest.mark.parametrize("name", ["SM8750.tflite", "NOTICE", SPEC])
def test_a_damaged_or_missing_file_is_named(folder, name):
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(InputError, match=f"{name}: not the file that was compiled"):
        read_npu(folder)
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        read_npu(folder)


def test_digests_must_be_there_and_of_these_files(folder):
    sums = (folder / SUMS).read_text()
    (folder / SUMS).write_text(sums + f"{DIGEST}  other.tflite\n")
    with pytest.raises(InputError, match=r"other\.tflite is in it or in npu\.json, not in both"):
        read_npu(folder)
    (folder / SUMS).unlink()
    with pytest.raises(InputError, match="SHA256SUMS: missing"):
        read_npu(folder)


def test_a_name_that_leaves_the_folder_is_refused(folder):
    values = json.loads((folder / SPEC).read_text())
    values["files"][SOC]["file"] = "../SM8750.tflite"
    (folder / SPEC).write_text(json.dumps(values))
    with pytest.raises(InputError, match="`files"):
        read_npu(folder)


def test_nothing_of_other_people_is_replaced(folder, tmp_path):
    claim(tmp_path / "free")
    claim(folder)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="left alone"):
        claim(tmp_path / "theirs")
    assert npu_beside(tmp_path / "demo") == folder
