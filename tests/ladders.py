"""The tiny bundle with other encoders: a fallback that is a student, a student alone, a manifest of contract version 1."""

import json
import shutil

import numpy as np
from pocketrag.bench.quality.rule import decide

from pocketrag.formats.bundle_limits import Limits
from pocketrag.formats.facts.measures import Agreement, Comparison, Means
from pocketrag.formats.facts.students import Compared, LadderFacts, Predicted
from pocketrag.formats.golden import pack, unpack
from pocketrag.recipe.students import Ship
from pocketrag.reference.metrics import verdict
from tests.bench.damage import edit_json, put_digests_right

DIMS = 32
OVERLAP = Agreement(top=10, mean=0.9, interval=(0.85, 0.95), n=140)
#: nDCG@10 of all modes and encoders, other means the same.
MEANS = Means(
    n=140,
    recall_1=0.5,
    recall_5=0.5,
    recall_10=0.5,
    hit_1=0.5,
    hit_5=0.5,
    hit_10=0.5,
    mrr_10=0.5,
    ndcg_10=0.5,
)
#: What version 1 had at the top.
MOVED = ("embedder", "weights", "agreement", "fusion", "abstention")


def comparison(difference, low, high):
    return Comparison(
        measure="ndcg@10", n=140, difference=difference, interval=(low, high), better=30, worse=10,
        verdict=verdict(difference, low, high),
    )  # fmt: skip


def measured(name, megabytes, **changed):
    """Return one encoder of a ladder, as it would ship."""
    values = {
        "kind": name,
        "bytes": round(megabytes * 1e6),
        "mode": "hybrid",
        "dense_weight": 0.5,
        "modes": {"hybrid": MEANS},
        "overlap": OVERLAP,
        "abstention": None,
        "predicted": Predicted(device="a", soc="b", ms=1, low_ms=1, high_ms=1),
        "against_full": None,
        "against_bm25": comparison(0.09, 0.05, 0.13),
        "against_base": None,
    }
    return Compared(name=name, **(values | changed))


def ladder_of(bundle, lost, **changed):
    """Put a ladder into a manifest: the student `static` loses so much against `full`, and the rule decides."""
    limits = Limits.model_validate(json.loads((bundle / "manifest.json").read_text())["limits"])
    # One file in both roles: the full one counts its tokenizer too, so that it is the larger.
    small = (bundle / "embedder.tflite").stat().st_size
    large = small + (bundle / "tokenizer.json").stat().st_size
    static = measured(
        "static", small / 1e6, against_full=comparison(-lost, -lost - 0.01, -lost + 0.01), **changed
    )
    rungs = decide([static, measured("full", large / 1e6)], Ship(), limits, ("static", "full"))
    facts = LadderFacts(loss=Ship().loss, worst_loss=Ship().worst_loss, n=140, rungs=tuple(rungs))
    evidence = {rung.name: rung.as_evidence() for rung in facts.rungs}

    def change(manifest):
        manifest["ladder"] = facts.as_json()
        for encoder in manifest["encoders"]:
            encoder["evidence"] = evidence[encoder["name"]]
            if encoder["name"] != "full":
                encoder["agreement"] = changed.get("overlap", OVERLAP).as_json()

    edit_json(bundle / "manifest.json", change)


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
        **files,
        **changed,
    }

    def add(manifest):
        manifest["encoders"].append({**manifest["encoders"][0], **student})
        manifest["files"].update(dict.fromkeys(files.values()))

    edit_json(bundle / "manifest.json", add)
    ladder_of(bundle, lost=0.05)
    put_digests_right(bundle)
    return bundle


def student_alone(bundle):
    """Make the main encoder a student: no full encoder is in the bundle."""
    edit_json(bundle / "golden.json", as_student)
    edit_json(
        bundle / "manifest.json",
        lambda m: m["encoders"][0].update(name="static", kind="static"),
    )
    ladder_of(bundle, lost=0.0)
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
