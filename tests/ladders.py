"""The tiny bundle with other encoders: a fallback that is a student, a student alone, a manifest of contract version 1."""

import shutil

import numpy as np

from pocketrag.formats.golden import pack, unpack
from tests.bench.damage import edit_json, put_digests_right

DIMS = 32
EVIDENCE = {
    "overlap": 0.9,
    "against_bm25": {"difference": 0.09, "interval": [0.05, 0.13], "n": 140},
}
#: What version 1 had at the top.
MOVED = ("embedder", "weights", "agreement", "fusion", "abstention")


def with_fallback(bundle, **changed):
    """Give a bundle a student as its fallback: its own model under the fallback's names, which is near to its teacher."""
    shutil.copyfile(bundle / "embedder.tflite", bundle / "fallback.tflite")
    shutil.copyfile(bundle / "golden.json", bundle / "fallback.golden.json")
    edit_json(bundle / "fallback.golden.json", as_student)
    files = {"file": "fallback.tflite", "golden": "fallback.golden.json"}
    student = {
        "name": "static",
        "role": "fallback",
        "kind": "static",
        "evidence": EVIDENCE,
        **files,
        **changed,
    }

    def add(manifest):
        manifest["encoders"].append({**manifest["encoders"][0], **student})
        manifest["files"].update(dict.fromkeys(files.values()))

    edit_json(bundle / "manifest.json", add)
    put_digests_right(bundle)
    return bundle


def student_alone(bundle):
    """Make the main encoder a student: no full encoder is in the bundle."""
    edit_json(bundle / "golden.json", as_student)
    edit_json(
        bundle / "manifest.json",
        lambda m: m["encoders"][0].update(name="static", kind="static", evidence=EVIDENCE),
    )
    put_digests_right(bundle)
    return bundle


def as_student(golden):
    """Make a golden file of the full encoder a student's: the float vectors are its teacher's, its reference is itself."""
    for n, text in enumerate(golden["texts"]):
        shipped = unpack(text["shipped"], DIMS)
        noise = np.random.default_rng(n).normal(0, 1e-3, DIMS)
        text.update(teacher=text["twin"] if text["question"] else None, twin=pack(shipped + noise))


def as_version_1(bundle):
    """Write the manifest as contract version 1 had it."""

    def change(manifest):
        (main,), _ = manifest.pop("encoders"), manifest.pop("ladder")
        manifest.update({"contract": 1, **{key: main[key] for key in MOVED}})

    edit_json(bundle / "manifest.json", change)
    put_digests_right(bundle)
    return bundle
