"""One deliberately broken bundle for each thing that goes wrong; its digests are right where that matters, and a gate names it.

More kinds of damage are in test_gates.py, random ones in test_random_damage.py, what a float embedder shows in test_parity.py.
"""

import json
from xml.etree import ElementTree

import pytest

from tests.bench.damage import (
    edit_json,
    plant_nan,
    put_digests_right,
    rename_model,
    rename_signature,
    replace_vectors,
)
from tests.conftest import cli, make_bert


def missing(bundle, _):
    (bundle / "corpus.db").unlink()


def newer_contract(bundle, _):
    edit_json(bundle / "manifest.json", lambda m: m.update(contract=3))
    put_digests_right(bundle)


def signature(bundle, _):
    rename_signature(bundle)
    rename_model(bundle)
    put_digests_right(bundle)


def nan(bundle, _):
    plant_nan(bundle)
    rename_model(bundle)
    put_digests_right(bundle)


def tokenizer(bundle, _):
    edit_json(bundle / "tokenizer.json", lambda t: t["model"]["vocab"].update(king=6, queen=5))
    put_digests_right(bundle)


def query_prompt(bundle, _):
    edit_json(
        bundle / "manifest.json",
        lambda m: m["encoders"][0]["embedder"]["prompts"].update(query="king {question}"),
    )
    put_digests_right(bundle)


def document_prompt(bundle, _):
    edit_json(
        bundle / "manifest.json",
        lambda m: m["encoders"][0]["embedder"]["prompts"].update(document="queen: {text}"),
    )
    put_digests_right(bundle)


def vectors(bundle, folder):
    replace_vectors(bundle, make_bert(folder / "other", seed=1))
    put_digests_right(bundle)


#: What is broken -> the gate that must name it, and a word of what it says.
BROKEN = {
    missing: ("digests", "corpus.db: missing"),
    newer_contract: ("contract", "contract version 3"),
    signature: ("opens", "no signature 'embed_32'"),
    nan: ("shipped_parity", "NaN or infinite"),
    tokenizer: ("tokens", "texts differ"),
    query_prompt: ("tokens", "texts differ"),
    document_prompt: ("passages", ""),
    vectors: ("passages", "farther than another's"),
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_gate_names_what_is_broken(broken, tiny_bundle, tmp_path):
    broken(tiny_bundle, tmp_path)
    gate, word = BROKEN[broken]
    done = cli(
        "verify", tiny_bundle, "--json", "--junit", tmp_path / "gates.xml", "--summary", tmp_path / "gates.md"
    )
    facts = json.loads(done.stdout)
    assert done.returncode == 1 == facts["exit"]
    failing = {g["gate"]: g["detail"] for g in facts["gates"] if g["outcome"] == "fail"}
    assert word in failing[gate], failing
    # So do the files that CI systems read, and the report.
    suite = ElementTree.parse(tmp_path / "gates.xml")
    assert {case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None} == set(
        failing
    )
    assert (
        "must not ship" in (tmp_path / "gates.md").read_text()
        or "do not ship" in (tmp_path / "gates.md").read_text()
    )
    kept = json.loads(tiny_bundle.with_name("tiny.report.json").read_text())
    assert {g["gate"] for g in kept["verify"]["gates"] if g["outcome"] == "fail"} == set(failing)


def test_a_whole_bundle_is_no_failure_for_anybody(tiny_bundle, tmp_path):
    step = tmp_path / "step.md"
    step.write_text("before\n")
    done = cli(
        "verify", tiny_bundle, "--junit", tmp_path / "gates.xml", env={"GITHUB_STEP_SUMMARY": str(step)}
    )
    assert done.returncode == 0, done.stdout
    cases = list(ElementTree.parse(tmp_path / "gates.xml").iter("testcase"))
    assert cases and not any(case.find("failure") is not None for case in cases)
    assert {case.get("name") for case in cases if case.find("skipped") is not None} >= {
        "device_parity",
        "emulator_parity",
    }
    assert step.read_text().startswith("before\n") and "required gates pass" in step.read_text()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--junit", "none/gates.xml"], "does not exist"),
        (["--summary", "none/gates.md"], "does not exist"),
        (["--benchmark-binary", "x"], "--device"),
        (["--embedder", "none"], "no such folder"),
    ],
)
def test_bad_input_of_verify(tiny_bundle, tmp_path, options, word):
    done = cli("verify", tiny_bundle, *options, cwd=tmp_path)
    assert done.returncode == 2 and word in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_with_its_embedder_parity_is_a_gate_too(tiny_bundle, tiny_bert, tmp_path):
    def gates(embedder):
        done = cli("verify", tiny_bundle, "--embedder", embedder, "--json")
        return done.returncode, {
            g["gate"]: g["outcome"]
            for g in json.loads(done.stdout)["gates"]
            if g["gate"].startswith("parity")
        }

    code, found = gates(tiny_bert)
    assert code == 0 and set(found.values()) == {"pass"} and len(found) == 5
    code, found = gates(make_bert(tmp_path / "other", seed=1))
    assert code == 1 and found["parity_cosine"] == "fail"
