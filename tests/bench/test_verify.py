"""The gates on a whole bundle, on one with any changed byte, and on damage whose digests were put right again."""

import json
import shutil

import apsw
import pytest
from pocketrag.bench.gates.table import of_family
from pocketrag.bench.verify import verify

from pocketrag.runtime.vec0 import load_sqlite_vec
from tests.bench.damage import edit_json, put_digests_right
from tests.conftest import cli

DEVICE = of_family("device")


def outcomes(bundle, purpose="build"):
    facts = verify(str(bundle), purpose=purpose)
    return facts.exit, {g.gate: g.outcome for g in facts.gates}


def test_a_whole_bundle_passes(tiny_bundle):
    code, found = outcomes(tiny_bundle)
    assert code == 0
    assert {name for name, outcome in found.items() if outcome == "unchecked"} == set(DEVICE)
    # Nobody asked: neither the command, nor the recipe, which sets no limits.
    not_asked = {
        name for name in found if name.startswith(("parity_", "emulator_", "student_", "generator_", "npu_"))
    }
    assert {name for name, outcome in found.items() if outcome == "skipped"} == {
        *not_asked,
        "agreement",
        "litertlm_parity",
        "size",
    }
    assert {
        "digests",
        "model_id",
        "tokens",
        "shipped_parity",
        "twin_parity",
        "ranking",
        "passages",
        "sqlite_vec",
    } <= set(found)


def test_a_release_needs_what_this_machine_can_not_check(tiny_bundle):
    assert outcomes(tiny_bundle, "release")[0] == 4
    done = cli("verify", tiny_bundle, "--for", "release")
    assert done.returncode == 4 and "unchecked" in done.stdout


def test_a_changed_byte_in_any_file_is_named(tiny_bundle):
    for file in sorted(tiny_bundle.iterdir()):
        whole = file.read_bytes()
        for place in (0, len(whole) // 2, len(whole) - 1):
            damaged = bytearray(whole)
            damaged[place] ^= 1
            file.write_bytes(damaged)
            done = cli("verify", tiny_bundle, "--json") if place == 0 else None
            facts = json.loads(done.stdout) if done else verify(str(tiny_bundle)).as_json()
            assert facts["exit"] == 1 and (done is None or done.returncode == 1)
            assert file.name in " ".join(g["detail"] for g in facts["gates"] if g["outcome"] == "fail"), (
                file.name,
                place,
            )
            # Nothing that was changed is opened.
            assert all(
                g["outcome"] == "unchecked" for g in facts["gates"] if g["gate"] in ("tokens", "passages")
            )
        file.write_bytes(whole)
    assert outcomes(tiny_bundle)[0] == 0


@pytest.mark.parametrize(
    "name", ["corpus.db", "embedder.tflite", "golden.json", "NOTICE", "SHA256SUMS", "manifest.json"]
)
def test_a_missing_file_is_named(tiny_bundle, name):
    (tiny_bundle / name).unlink()
    facts = verify(str(tiny_bundle)).as_json()
    assert facts["exit"] == 1 and name in str([g for g in facts["gates"] if g["outcome"] == "fail"])


def test_a_file_too_many_fails(tiny_bundle):
    (tiny_bundle / "extra.so").write_text("?")
    assert outcomes(tiny_bundle)[1]["digests"] == "fail"


def test_names_that_leave_the_bundle_fail(tiny_bundle):
    with (tiny_bundle / "SHA256SUMS").open("a") as sums:
        sums.write("0" * 64 + "  ../../etc/passwd\n")
    code, found = outcomes(tiny_bundle)
    assert code == 1 and found["digests"] == "fail"


EVIDENCE = {"difference": 0.1, "interval": [0.05, 0.15], "n": 100}


def test_a_tuned_model_needs_its_evidence(tiny_bundle):
    for tuned, shipped, code in (
        (None, None, 1),
        ("WIN", "REGRESSION", 1),
        ("WIN", "WIN", 0),
        ("MARGINAL", "WIN", 0),
    ):
        verdict = {
            "ships": "tuned",
            "reason": "?",
            "tuned": tuned and {"verdict": tuned},
            "shipped": shipped and {**EVIDENCE, "verdict": shipped},
            "searched": {**EVIDENCE, "mode": "hybrid"},
        }
        edit_json(tiny_bundle / "manifest.json", lambda m, v=verdict: m.update(verdict=v))
        put_digests_right(tiny_bundle)
        assert outcomes(tiny_bundle)[0] == code


@pytest.mark.parametrize(
    ("verdict", "guard", "accepted", "code"),
    [
        ("REGRESSION", 0.0, True, 0),
        ("WIN", -0.0101, False, 1),
        ("WIN", -0.01, False, 0),
        ("WIN", -0.02, True, 0),
        (None, 0.0, True, 1),
    ],
)
def test_a_regression_has_to_be_accepted(tiny_bundle, verdict, guard, accepted, code):
    row = verdict and {**EVIDENCE, "difference": -0.2 if accepted else 0.1, "verdict": verdict}
    found = {
        "ships": "tuned",
        "reason": "?",
        "tuned": row,
        "shipped": row,
        "searched": row and {**row, "mode": "hybrid"},
        "guard": {"difference": guard},
        "accepted_regression": accepted,
    }
    edit_json(tiny_bundle / "manifest.json", lambda m: m.update(verdict=found))
    put_digests_right(tiny_bundle)
    assert outcomes(tiny_bundle)[0] == code


@pytest.mark.parametrize(("difference", "code"), [(-0.0099, 0), (-0.0101, 1), (float("nan"), 1), (None, 4)])
def test_quality_of_what_ships(tiny_bundle, difference, code):
    row = difference is not None and {**EVIDENCE, "difference": difference, "verdict": "MARGINAL"}
    edit_json(
        tiny_bundle / "manifest.json",
        lambda m: m["verdict"].update(shipped=row or None, searched={**EVIDENCE, "mode": "hybrid"}),
    )
    put_digests_right(tiny_bundle)
    assert outcomes(tiny_bundle)[0] == code


@pytest.mark.parametrize(("overlap", "code"), [(0.96, 0), (0.9599, 1), (None, 4)])
def test_agreement_with_the_float_twin_keeps_to_the_recipes_limit(tiny_bundle, overlap, code):
    found = overlap and {"top": 10, "mean": overlap, "interval": [overlap - 0.01, overlap + 0.01], "n": 1000}
    edit_json(
        tiny_bundle / "manifest.json",
        lambda m: (m["encoders"][0].update(agreement=found), m["limits"].update(overlap=0.96)),
    )
    put_digests_right(tiny_bundle)
    assert outcomes(tiny_bundle)[0] == code and (outcomes(tiny_bundle)[1]["agreement"] == "pass") == (
        code == 0
    )


def test_agreement_on_a_handful_of_questions_is_unchecked(tiny_bundle):
    found = {"top": 10, "mean": 1.0, "interval": [1.0, 1.0], "n": 199}
    edit_json(
        tiny_bundle / "manifest.json",
        lambda m: (m["encoders"][0].update(agreement=found), m["limits"].update(overlap=0.5)),
    )
    put_digests_right(tiny_bundle)
    assert outcomes(tiny_bundle)[0] == 4 and outcomes(tiny_bundle)[1]["agreement"] == "unchecked"


def test_a_model_larger_than_the_recipe_allows(tiny_bundle):
    edit_json(tiny_bundle / "manifest.json", lambda m: m["limits"].update(model_megabytes=0.01))
    put_digests_right(tiny_bundle)
    assert outcomes(tiny_bundle)[0] == 1 and outcomes(tiny_bundle)[1]["size"] == "fail"


def test_every_gate_is_listed_whatever_happens(tiny_bundle):
    whole = list(outcomes(tiny_bundle)[1])
    (tiny_bundle / "NOTICE").write_text("changed")
    assert list(outcomes(tiny_bundle)[1]) == whole
    (tiny_bundle / "manifest.json").write_text("{")
    assert list(outcomes(tiny_bundle)[1]) == whole


def test_a_licence_that_nobody_stated_is_unchecked(tiny_bundle):
    edit_json(tiny_bundle / "manifest.json", lambda m: m.update(licences={"model": ""}))
    put_digests_right(tiny_bundle)
    code, found = outcomes(tiny_bundle)
    assert code == 0 and found["licences"] == "unchecked" and outcomes(tiny_bundle, "release")[0] == 4


def test_another_contract_version_is_refused(tiny_bundle):
    edit_json(tiny_bundle / "manifest.json", lambda m: m.update(contract=3))
    put_digests_right(tiny_bundle)
    facts = verify(str(tiny_bundle)).as_json()
    assert facts["exit"] == 1 and "contract version 3" in facts["gates"][0]["detail"]


def test_verify_leaves_the_bundle_as_it_was(tiny_bundle, tmp_path):
    before = shutil.copytree(tiny_bundle, tmp_path / "before")
    verify(str(tiny_bundle))
    assert sorted(p.name for p in before.iterdir()) == sorted(p.name for p in tiny_bundle.iterdir())


def test_what_nobody_asked_for_is_skipped_whatever_the_purpose(tiny_bundle):
    edit_json(tiny_bundle / "manifest.json", lambda m: m["vectors"].update(also=["rag-sdk"]))
    connection = apsw.Connection(str(tiny_bundle / "corpus.db"))
    load_sqlite_vec(connection)
    connection.execute("DROP TABLE chunk_vec")
    connection.close()
    put_digests_right(tiny_bundle)
    for purpose in ("build", "release"):
        facts = verify(str(tiny_bundle), purpose=purpose).as_json()
        found = {g["gate"]: g for g in facts["gates"]}
        assert (
            found["sqlite_vec"]["outcome"] == "skipped" and found["sqlite_vec"]["detail"] == "not asked for"
        )
        assert (
            found["parity_tokens"]["outcome"] == "skipped"
            and "--embedder" in found["parity_tokens"]["detail"]
        )
        assert facts["exit"] == {"build": 0, "release": 4}[purpose]


def test_what_was_asked_for_and_could_not_be_measured_is_unchecked(tiny_bundle, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # where no arm64 root is
    facts = verify(str(tiny_bundle), emulator=True).as_json()
    assert {g["outcome"] for g in facts["gates"] if g["gate"].startswith("emulator_")} == {
        "unchecked"
    } and facts["exit"] == 4
    (tiny_bundle / "NOTICE").write_text("changed")
    found = {g["gate"]: g for g in verify(str(tiny_bundle), emulator=True).as_json()["gates"]}
    assert (
        found["emulator_parity"]["outcome"] == "unchecked"
        and "not the one that was built" in found["emulator_parity"]["detail"]
    )
    assert found["parity_cosine"]["outcome"] == "skipped" and found["device_parity"]["outcome"] == "unchecked"
