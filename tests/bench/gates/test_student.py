"""The gates of students: what is sound passes, and a student that was not taught by this teacher fails by its agreement."""

import json
from math import prod

import numpy as np
import pytest
from pocketrag.bench.gates.examined import Examined
from pocketrag.bench.gates.opened import open_encoder
from pocketrag.bench.gates.run import examine
from pocketrag.bench.gates.table import of_family
from pocketrag.export.make_golden import MODES, top

from pocketrag.formats.facts.measures import Agreement
from pocketrag.formats.facts.students import Negation
from pocketrag.formats.golden import pack, unpack
from pocketrag.formats.manifest import read_manifest
from pocketrag.formats.tflite import constants, open_model
from tests.bench.damage import edit_json, put_digests_right
from tests.bench.test_verify import outcomes
from tests.ladders import DIMS, comparison, ladder_of, student_alone, with_fallback

FALLBACK, GOLDEN = "fallback.tflite", "fallback.golden.json"
STUDENT = of_family("student")


@pytest.fixture
def both(tiny_bundle):
    return with_fallback(tiny_bundle)


def looked_at(bundle):
    examined = Examined(bundle)
    found = {one.gate: one for one in examine(examined)}
    examined.close()
    return found


def student(bundle):
    """The gates of students, and whether all others passed."""
    found = looked_at(bundle)
    others = {one.outcome for gate, one in found.items() if gate not in STUDENT}
    return {gate.removeprefix("student_"): found[gate] for gate in STUDENT}, "fail" not in others


def regolden(bundle):
    """Write the student's golden file as its present model gives it; the teacher's vectors stay."""
    manifest = read_manifest(bundle)
    opened = open_encoder(bundle, manifest, manifest.fallback)

    def change(golden):
        for n, text in enumerate(golden["texts"]):
            vector = opened.rag.embedder.embed_ids(text["ids"])
            noise = np.random.default_rng(n).normal(0, 1e-3, DIMS)
            text.update(shipped=pack(vector), twin=pack(vector + noise))
            if text["question"]:
                text["top"] = {mode: top(opened.rag, text["question"], mode) for mode in MODES}

    edit_json(bundle / GOLDEN, change)
    opened.rag.close()
    put_digests_right(bundle)


def shuffle_table(bundle):
    """Give every token another token's row in the student's table."""
    file = bundle / FALLBACK
    data = bytearray(file.read_bytes())
    tables = [c for c in constants(open_model(bytes(data))) if c.operation != "FULLY_CONNECTED"]
    table = max(tables, key=lambda c: prod(c.shape))
    start, rows = bytes(data).find(table.data.tobytes()), table.data.reshape(table.shape[0], -1)
    data[start : start + rows.size] = np.random.default_rng(0).permutation(rows).tobytes()
    file.write_bytes(data)
    put_digests_right(bundle)
    regolden(bundle)


def teach(bundle, vectors):
    """Put other vectors in the place of the teacher's: float [n, dims] of the n that there are."""

    def change(golden):
        asked = [text for text in golden["texts"] if text["question"]]
        taught = np.stack([unpack(text["teacher"], DIMS) for text in asked])
        for text, vector in zip(asked, vectors(taught), strict=True):
            text["teacher"] = pack(vector)

    edit_json(bundle / GOLDEN, change)
    put_digests_right(bundle)


def with_evidence(bundle, **changed):
    """Give the student another row, in the ladder as in its own evidence."""
    ladder_of(bundle, lost=0.05, **changed)
    put_digests_right(bundle)
    return bundle


def claiming(bundle, **changed):
    """Let the student claim what is not in the ladder."""
    edit_json(bundle / "manifest.json", lambda m: m["encoders"][1]["evidence"].update(changed))
    put_digests_right(bundle)
    return bundle


def overlap(mean):
    return Agreement(top=10, mean=mean, interval=(mean - 0.02, mean + 0.02), n=300)


def test_a_bundle_without_a_student_is_not_asked(tiny_bundle):
    found, _ = student(tiny_bundle)
    assert {one.outcome for one in found.values()} == {"skipped"}
    assert {one.said for one in found.values()} == {"no student ships"}


def test_a_sound_student_passes_all(both):
    found, others = student(both)
    assert {one.outcome for one in found.values()} == {"pass"} and others, found
    assert all(one.said.startswith("static: ") for name, one in found.items() if name != "ladder")
    assert found["ladder"].said == "2 encoders measured, 2 ship"
    # .9 is stated, and .3 of the way from the chance of 10 of 70 passages is always enough.
    assert found["agreement"].limit == pytest.approx(1 / 7 + 0.3 * 6 / 7) and found["agreement"].value > 0.8
    assert (found["gain"].value, found["gain"].limit) == (0.05, 0)


@pytest.mark.parametrize("stated", [0.9, 0.02])
@pytest.mark.parametrize(
    "vectors",
    [
        lambda taught: np.random.default_rng(0).normal(size=taught.shape),
        lambda taught: taught[:, np.random.default_rng(0).permutation(DIMS)],
    ],
    ids=["another teacher", "the teacher's dims in another order"],
)
def test_a_student_of_another_teacher_fails(both, vectors, stated):
    teach(with_evidence(both, overlap=overlap(stated)), vectors)
    found, _ = student(both)
    assert {name for name, one in found.items() if one.outcome == "fail"} == {"agreement", "ladder"}, found
    assert "a teacher's vector is not the full encoder's" in found["ladder"].said


def test_questions_that_the_full_encoder_was_not_asked_fail(both):
    """Else a forger asks others, of which nothing shows that the teacher's vectors are the teacher's."""

    def change(golden):
        for text in golden["texts"]:
            text["question"] = f"{text['question']} " if text["question"] else None
            text["teacher"] = text["shipped"] if text["question"] else None

    edit_json(both / GOLDEN, change)
    put_digests_right(both)
    found, _ = student(both)
    assert (
        found["ladder"].outcome == "fail"
        and "the full encoder's golden file does not" in found["ladder"].said
    )


def test_a_shuffled_table_fails(both):
    shuffle_table(both)
    found, _ = student(both)
    assert {name for name, one in found.items() if one.outcome == "fail"} == {"agreement"}, found
    assert found["agreement"].limit == pytest.approx(1 / 7 + 0.3 * 6 / 7)


def swap(manifest):
    main, fallback = manifest["encoders"]
    main["role"], fallback["role"] = fallback["role"], main["role"]
    for key in ("file", "golden"):
        main[key], fallback[key] = fallback[key], main[key]
    manifest["encoders"].reverse()


#: What is wrong with a manifest whose digests are right -> (its change, what the gate says).
FORGED = {
    "no ladder": (lambda m: m.update(ladder=None), "no ladder says why static ships"),
    "no rungs": (lambda m: m["ladder"].update(rungs=[]), "static is not in the ladder"),
    "another's ladder": (lambda m: m["ladder"]["rungs"][0].update(name="tiny"), "static is not in the ladder"),
    "half a rung": (lambda m: m["ladder"]["rungs"][0].pop("overlap"), "`rungs.0.overlap`: Field required"),
    "swapped": (swap, "by its numbers full is main, static is fallback, in the bundle full is fallback, static is main"),
    "better than measured": (lambda m: m["encoders"][1]["evidence"].update(bytes=1), "is not its row of the ladder"),
    "agreement": (lambda m: m["encoders"][1]["agreement"].update(mean=0.94), "the agreement of static is not"),
    "a verdict that its numbers do not bear": (
        lambda m: m["ladder"]["rungs"][0]["against_bm25"].update(interval=[-0.2, 0.3]), "is not the verdict of"),
    "a difference outside its interval": (
        lambda m: m["ladder"]["rungs"][0]["against_bm25"].update(difference=0.9), "is not the verdict of"),
    "a size that no file has": (lambda m: [one.update(bytes=1) for one in (m["ladder"]["rungs"][0], m["encoders"][1]["evidence"])],
                                "the ladder says that static has 1 bytes"),
    "a looser rule": (lambda m: m["ladder"].update(loss=0.2, worst_loss=0.2), "by its numbers static is main"),
    "limits": (lambda m: m["limits"].update(model_megabytes=sum(r["bytes"] for r in m["ladder"]["rungs"]) / 2e6),
               "by its numbers static is main"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_ladder_that_does_not_lead_to_the_bundle(both, name):
    change, said = FORGED[name]
    edit_json(both / "manifest.json", change)
    put_digests_right(both)
    gate = looked_at(both)["student_ladder"]
    assert gate.outcome == "fail" and said in gate.said, gate


#: What is wrong -> (change of the golden file, the gate that fails, what it says).
GOLDENS = {
    "shipped": (lambda g: g["texts"][0].update(shipped=g["texts"][1]["shipped"]), "parity", "least cosine"),
    "twin": (lambda g: g["texts"][0].update(twin=g["texts"][1]["twin"]), "parity", "to its reference"),
    "ids": (lambda g: g["texts"][0].update(ids=[2, 3]), "parity", "texts differ"),
    "another bundle's": (lambda g: g.update(model_id="other"), "golden", "is of the model 'other'"),
    "no teacher": (lambda g: g["texts"][0].update(teacher=None), "golden", "1 questions lack the teacher's vector"),
    "no ranking": (lambda g: g["texts"][0].update(top={}), "golden", "a ranking is missing"),
    "another ranking": (
        lambda g: [t.update(top={m: [*ids[:5], "x1", "x2", "x3", "x4", "x5"] for m, ids in t["top"].items()}) for t in g["texts"]],
        "golden", "mean top-10 overlap",
    ),
    "no texts": (lambda g: g.update(texts=[]), "golden", "too few texts"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDENS)
def test_a_damaged_golden_file_of_a_student(both, name):
    change, gate, said = GOLDENS[name]
    edit_json(both / GOLDEN, change)
    put_digests_right(both)
    found, others = student(both)
    assert found[gate].outcome == "fail" and said in found[gate].said and others, found
    assert (found["agreement"].outcome == "unchecked") == (name in ("no teacher", "no texts"))


@pytest.mark.parametrize(
    ("row", "outcome", "said"),
    [
        (comparison(0.02, 0.001, 0.04).as_json(), "pass", "+0.0200"),
        (comparison(0.02, 0.0, 0.04).as_json(), "fail", "n = 140"),
        (comparison(0.02, -0.01, 0.04).as_json(), "fail", "-0.0100 to +0.0400"),
        (None, "unchecked", "no comparison"),
        ({"difference": 0.02, "n": 80}, "unchecked", "`evidence.against_bm25.interval`: Field required"),
    ],
)
def test_a_student_must_beat_full_text(both, row, outcome, said):
    gain = looked_at(claiming(both, against_bm25=row))["student_gain"]
    assert gain.outcome == outcome and said in gain.said


def test_without_judged_questions_nobody_can_tell_what_a_student_gains(both):
    edit_json(
        both / "manifest.json",
        lambda m: m["encoders"][0]["fusion"]["evidence"].update(chosen={"questions": "none"}),
    )
    put_digests_right(both)
    assert "no judged questions" in looked_at(both)["student_gain"].said


def test_questions_that_look_alike_are_said(both):
    with_evidence(
        both, negation=Negation(n=2, same_first=2, equal=1, mean_cosine=0.99, first=("may / may not",))
    )

    def repeat(golden):
        first = next(text for text in golden["texts"] if text["question"])
        golden["texts"] = [{**first, "prompted": first["prompted"] + " " * n} for n in range(8)]

    edit_json(both / GOLDEN, repeat)
    put_digests_right(both)
    blind = looked_at(both)["student_blind"]
    assert (
        (blind.outcome, blind.value) == ("fail", 1)
        and "of 2 negations 2 find the same passage first, 1 are the same question" in blind.said
        and "may / may not" in blind.said
    )


def test_a_student_that_does_not_open_is_named(both):
    (both / FALLBACK).write_text("no flatbuffer")
    put_digests_right(both)
    found = looked_at(both)
    assert found["opens"].outcome == "fail" and FALLBACK in found["opens"].said
    assert found["student_parity"].outcome == "unchecked"


@pytest.mark.parametrize("name", [FALLBACK, GOLDEN])
def test_a_missing_file_of_the_fallback_is_named(both, name):
    (both / name).unlink()
    digests = looked_at(both)["digests"]
    assert digests.outcome == "fail" and f"{name}: missing" in digests.said


def test_where_only_a_student_ships_its_own_gates_stand_for_those_of_the_full_model(tiny_bundle):
    edit_json(student_alone(tiny_bundle) / "manifest.json", lambda m: m["limits"].update(overlap=0.99))
    put_digests_right(tiny_bundle)
    code, found = outcomes(tiny_bundle)
    assert code == 0 and {found[gate] for gate in STUDENT} == {"pass"}
    assert found["passages"] == found["agreement"] == "skipped"
    assert "student_agreement stands" in looked_at(tiny_bundle)["passages"].said
    assert json.loads((tiny_bundle / "manifest.json").read_text())["encoders"][0]["role"] == "main"
