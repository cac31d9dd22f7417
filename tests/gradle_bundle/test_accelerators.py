"""GPU and NPU on a stand-in for LiteRT: used where the golden texts passed on that phone, else the CPU computes and the answer says why."""

import json

import pytest

from pocketrag.formats import files
from pocketrag.formats.golden import read_golden
from tests import npu_beside
from tests.bundles import again, reseal
from tests.gradle_bundle.litert_check import ON_CPU, ON_GPU, OWN, asked

pytestmark = pytest.mark.usefixtures("kotlin")

ON_NPU = "create [NPU] threads 3 cache false SM8750.tflite"
OWN_NPU = "environment {DispatchLibraryDir=/libraries}"
QUESTION = "king 0"
#: Over all of the tiny model's lengths but the longest.
LONG = " ".join(f"king {n}" for n in range(40))


@pytest.fixture
def folder(tiny_bundle):
    return npu_beside.lay(tiny_bundle)


def on_npu(**more):
    return {"accelerator": "NPU", "has": ["NPU"], "soc": "SM8750", **more}


def texts(bundle):
    return len(read_golden(bundle / "golden.json").texts)


def runs(row):
    return sum(call.startswith("run") for call in row["calls"])


def said(row, n=0):
    """Return on what a question was answered, and why on the CPU."""
    return row["answers"][n]["accelerator"], row["answers"][n].get("why", "")


def test_an_npu_computes_where_soc_files_and_golden_texts_agree(tiny_bundle, folder):
    own, environment, suffix = asked(
        tiny_bundle, on_npu(selftest=True), on_npu(environment=True), on_npu(soc="SM8750-AC")
    )
    for row in (own, environment, suffix):
        assert said(row) == ("NPU", "") and "fell_back" not in row["answers"][0]
        assert ON_CPU not in row["calls"] and row["full text"] == "none"
    assert own["opening"] == [OWN_NPU, ON_NPU] and environment["opening"] == [OWN, ON_NPU]
    # Two buffers of each length: the golden texts take both.
    assert own["closing"] == [*["close buffer"] * 4, "close model", "close environment"]
    assert all(line.startswith("true ") for line in own["checks"]), own["checks"]
    assert any("on the NPU" in line for line in own["checks"])


def test_where_no_npu_may_be_used_the_cpu_computes_and_says_why(tiny_bundle, folder, tmp_path):
    none, old, other, absent = asked(
        tiny_bundle,
        on_npu(has=[]),
        {**on_npu(), "soc": None},
        on_npu(soc="SM8450"),
        on_npu(folder=again(tiny_bundle, tmp_path / "alone" / "tiny")),
    )
    for row, why in (
        (none, "LiteRT found no NPU here"),
        (old, "does not tell its SoC"),
        (other, "this phone's SoC is SM8450, and the files for NPUs are of SM8650, SM8750"),
        (absent, "no files for an NPU came with the bundle"),
    ):
        assert said(row)[0] == "CPU" and why in said(row)[1], row["answers"]
        assert said(row)[1].startswith("NPU is not used: ") and "fell_back" not in row["answers"][0]
        assert row["calls"][-1] == "close environment"
    # What needs no NPU to be known never opens one.
    assert other["opening"] == old["opening"] == absent["opening"] == [OWN, ON_CPU]


BAD = {
    "another bundle": (lambda spec: spec.update(name="other"), "npu.json is of other 0.1, the bundle is tiny 0.1"),
    "another version": (lambda spec: spec.update(version="9"), "npu.json is of tiny 9, the bundle is tiny 0.1"),
    "another model": (lambda spec: spec.update(model="0" * 64), "npu.json is of another model than the bundle's embedder.tflite"),
    "another contract": (lambda spec: spec.update(contract=2), "npu.json has contract 2, this runtime reads 1"),
    "a SoC with a path": (lambda spec: spec["files"].update({"../SM8750": spec["files"]["SM8750"]}), '"../SM8750" is no name of a SoC'),
    "a file with a path": (lambda spec: spec["files"]["SM8750"].update(file="../tiny/embedder.tflite"), "`files.SM8750.file` leaves the folder"),
    "no lengths": (lambda spec: spec.update(lengths=[]), "`lengths` must rise"),
    "a digest that is none": (lambda spec: spec["files"]["SM8750"].update(sha256="x"), "`files.SM8750.sha256` is not what it must be"),
    "another size": (lambda spec: spec["files"]["SM8750"].update(bytes=7), "SM8750.tflite has 19 bytes, not 7"),
    "another digest": (lambda spec: spec["files"]["SM8750"].update(sha256="0" * 64), "SM8750.tflite is not the file that was built"),
    "no such file": (lambda spec: spec["files"]["SM8750"].update(file="gone.tflite"), "gone.tflite has 0 bytes, not 19"),
    "no JSON": (None, "npu.json is no JSON object"),
}  # fmt: skip


def test_bad_npu_files_are_told_and_never_opened(tiny_bundle, tmp_path):
    tasks = []
    for n, (change, _) in enumerate(BAD.values()):
        bundle = again(tiny_bundle, tmp_path / str(n) / "tiny")
        folder = npu_beside.lay(bundle)
        if change:
            npu_beside.edit(folder, change)
        else:
            (folder / "npu.json").write_text("{")
        tasks.append(on_npu(folder=bundle))
    for row, (name, (_, why)) in zip(asked(tiny_bundle, *tasks), BAD.items(), strict=True):
        assert said(row)[0] == "CPU" and why in said(row)[1], (name, row["answers"])
        assert row["opening"] == [OWN, ON_CPU], name


def test_files_in_the_apps_assets_are_copied_once_and_checked(tiny_bundle, folder, tmp_path):
    root = {"root": tmp_path / "storage", "assets": True}
    first, second = asked(tiny_bundle, on_npu(**root), on_npu(**root))
    digest = files.sha256(folder / "SM8750.tflite")
    (copy,) = (tmp_path / "storage" / "tiny.npu").iterdir()
    assert copy.name == f"{digest[:16]}.tflite" and files.sha256(copy) == digest
    for row in (first, second):
        assert said(row) == ("NPU", "") and row["opening"][1].endswith(f" {copy.name}")
    assert runs(first) > runs(second)
    (folder / "SM8750.tflite").write_bytes(b"compiled for SM875X")
    (row,) = asked(tiny_bundle, on_npu(root=tmp_path / "another", assets=True))
    assert said(row)[0] == "CPU" and "SM8750.tflite is not the file that was built" in said(row)[1]
    assert not list((tmp_path / "another" / "tiny.npu").iterdir())


@pytest.mark.parametrize("accelerator", ["GPU", "NPU"])
def test_one_that_computes_wrongly_is_never_used(tiny_bundle, folder, accelerator):
    """Drivers are known to give zeros and NaN without an error; and vectors that are well formed and another text's."""
    reasons = {
        "nan": "NaN, infinity or zeros",
        "zeros": "NaN, infinity or zeros",
        "long": "a vector of length 18.0",
        "turned": "cosine to a golden vector",
    }
    asking = {**on_npu(), "accelerator": accelerator, "has": [accelerator]}
    rows = asked(tiny_bundle, *({**asking, "wrong": wrong} for wrong in reasons))
    for row, (wrong, why) in zip(rows, reasons.items(), strict=True):
        assert said(row)[0] == "CPU" and why in said(row)[1], (wrong, row["answers"])
        at = row["calls"].index(ON_CPU)
        # All of it is given back before the CPU's is made.
        assert row["calls"][at - 5 : at] == [
            "close buffer",
            "close buffer",
            "close model",
            "close environment",
            OWN,
        ]


@pytest.mark.parametrize("wrong", ["nan", "zeros"])
def test_one_that_fails_later_leaves_it_to_the_cpu_for_good(tiny_bundle, wrong):
    task = {"accelerator": "GPU", "has": ["GPU"], "wrong": wrong, "right_runs": texts(tiny_bundle) + 1}
    (row,) = asked(tiny_bundle, {**task, "questions": [QUESTION] * 3})
    assert said(row) == ("GPU", "")
    for n in (1, 2):
        assert said(row, n) == ("CPU", "GPU failed: it gave a vector of NaN, infinity or zeros")
    assert row["calls"].count(ON_CPU) == row["calls"].count(ON_GPU) == 1


def test_what_passed_is_remembered_until_something_is_updated(tiny_bundle, tmp_path):
    task = {"accelerator": "GPU", "has": ["GPU"], "root": tmp_path / "storage"}
    first, second, updated = asked(tiny_bundle, task, task, {**task, "state": "the app was updated"})
    assert runs(first) - runs(second) == texts(tiny_bundle) - 1 and runs(updated) == runs(first)
    assert said(second) == ("GPU", "")


def test_what_failed_is_not_tried_again_until_something_is_updated(tiny_bundle, tmp_path):
    task = {"accelerator": "GPU", "has": ["GPU"], "root": tmp_path / "storage"}
    first, second, updated = asked(
        tiny_bundle, {**task, "wrong": "zeros"}, task, {**task, "state": "the system was updated"}
    )
    assert ON_GPU in first["calls"] and ON_GPU not in second["calls"]
    assert said(first) == said(second) and said(first)[0] == "CPU"
    assert said(updated) == ("GPU", "")


def test_what_threw_is_tried_again(tiny_bundle, tmp_path):
    task = {"accelerator": "GPU", "has": ["GPU"], "root": tmp_path / "storage"}
    first, second = asked(tiny_bundle, {**task, "broken": "memory"}, task)
    assert said(first)[0] == "CPU" and "out of memory" in said(first)[1]
    assert said(second) == ("GPU", "")


@pytest.mark.parametrize(("ended", "used"), [(1, "GPU"), (2, "CPU")])
def test_one_under_which_the_app_ended_is_left_alone(tiny_bundle, tmp_path, ended, used):
    """A driver's fault ends the process: nothing can be caught, and the next start would end as well."""
    task = {"accelerator": "GPU", "has": ["GPU"], "root": tmp_path / "storage"}
    asked(tiny_bundle, task)
    (note,) = (tmp_path / "storage.tried").iterdir()
    note.write_text(note.read_text().rpartition("\n")[0] + f"\ntried {ended}")
    (row,) = asked(tiny_bundle, task)
    assert said(row)[0] == used and (ON_GPU in row["calls"]) == (used == "GPU")
    assert used == "GPU" or "the app ended 2 times while it was tried" in said(row)[1]


def test_what_is_longer_than_the_npus_file_takes_the_cpu_computes(tiny_bundle):
    lengths = json.loads((tiny_bundle / "manifest.json").read_text())["encoders"][0]["embedder"]["lengths"]
    npu_beside.lay(tiny_bundle, tuple(lengths[:1]))
    (row,) = asked(tiny_bundle, on_npu(questions=[QUESTION, LONG, QUESTION]))
    assert said(row) == said(row, 2) == ("NPU", "")
    assert said(row, 1) == (
        "CPU",
        f"the text is longer than the {lengths[0]} tokens that the file for the NPU takes",
    )
    # It is opened when it is needed, and stays beside the NPU's.
    assert ON_CPU not in row["opening"] and row["calls"].count(ON_CPU) == 1


def test_files_of_a_resealed_bundle_are_of_another(tiny_bundle, folder):
    reseal(tiny_bundle, version="0.2")
    (row,) = asked(tiny_bundle, on_npu())
    assert said(row)[0] == "CPU" and "npu.json is of tiny 0.1, the bundle is tiny 0.2" in said(row)[1]
