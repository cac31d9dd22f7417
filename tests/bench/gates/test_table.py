"""The table of gates: docs/gates.md says the same of each, and each fails on a bundle that is damaged in its way."""

import pytest
from pocketrag.bench.gates.examined import LITERT, Examined, Means
from pocketrag.bench.gates.generator.packed import PackedGenerator
from pocketrag.bench.gates.run import examine, measure
from pocketrag.bench.gates.table import BESIDE, GATES, required

from pocketrag.formats.facts.exam import ExamProof
from pocketrag.formats.facts.generator import GreedyProof, MeasuredGenerator, PromptProof
from pocketrag.formats.generator import GeneratorSpec
from pocketrag.formats.manifest import read_manifest
from tests.bench.damage import edit_json, plant_nan, put_digests_right, rename_model, sql
from tests.bench.emulator.fakes import fake_root
from tests.bench.gates.test_broken import missing, newer_contract
from tests.bench.gates.test_computation import DAMAGE
from tests.bench.gates.test_generator_merge import PROOF
from tests.bench.phone.scripted_adb import SERIAL, install
from tests.conftest import ROOT, make_bert
from tests.ladders import comparison, ladder_of, with_fallback
from tests.packs import SPEC

NAMES = [gate.name for gate in GATES]


def documented():
    """Gate -> (family, needs, required for), as docs/gates.md has them."""
    text = (ROOT / "docs" / "gates.md").read_text("utf-8")
    cells = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in text.splitlines()
        if line.startswith("| `")
    ]
    rows = [row for row in cells if len(row) == 6]
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0].strip("`"): tuple(row[1:4]) for row in rows}


def test_the_page_says_what_the_table_says():
    wanted = {
        gate.name: (
            gate.family,
            ", ".join(sorted(gate.needs)) or "–",
            ", ".join(sorted(gate.required_for)) or "–",
        )
        for gate in GATES
    }
    assert documented() == wanted and list(documented()) == list(wanted)


def test_names_are_unique_and_gates_of_a_family_that_needs_something_need_the_same():
    assert len(set(NAMES)) == len(NAMES)
    for family in {gate.family for gate in GATES if gate.needs & BESIDE}:
        assert len({gate.needs for gate in GATES if gate.family == family}) == 1
        assert len({gate.required_for for gate in GATES if gate.family == family}) == 1


def test_what_is_required_follows_from_the_rows():
    assert required("release", {LITERT}) - required("build", {LITERT}) == {
        "licences",
        "chance",
        "device_parity",
        "device_latency",
        "device_memory",
    }
    assert required("build", {LITERT, "embedder"}) - required("build", {LITERT}) == {
        n for n in NAMES if n.startswith("parity_")
    }
    of_npus = {
        purpose: required(purpose, {LITERT, "npu"}) - required(purpose, {LITERT})
        for purpose in ("build", "release")
    }
    assert of_npus == {"build": {"npu_coverage"}, "release": {"npu_coverage", "npu_parity", "npu_ranking"}}


def manifest(change):
    return lambda bundle: edit_json(bundle / "manifest.json", change)


def student(change):
    """Give the bundle a fallback whose golden file is damaged."""
    return lambda bundle: edit_json(with_fallback(bundle) / "fallback.golden.json", change)


TUNED = {"ships": "tuned", "reason": "?", "tuned": None, "shipped": None}
#: Gate -> what makes it fail. Digests are put right after it, but where these are what is wrong.
FAILS = {
    "contract": lambda bundle: newer_contract(bundle, None),
    "licences": DAMAGE["notice"][0],
    "verdict": manifest(lambda m: m["verdict"].update(TUNED)),
    "quality": DAMAGE["mode"][0],
    "chance": manifest(
        lambda m: m["verdict"]["shipped"].update(
            against_chance={"hit@1": {"mean": 0.025, "interval": [0.004, 0.13], "n": 40, "chance": 0.025}}
        )
    ),
    "spread": lambda bundle: sql(
        bundle, "UPDATE chunk_vectors SET vector = (SELECT vector FROM chunk_vectors WHERE n = 1)"
    ),
    "agreement": manifest(
        lambda m: (
            m["limits"].update(overlap=0.9),
            m["encoders"][0].update(agreement={"top": 10, "mean": 0.5, "interval": [0.4, 0.6], "n": 500}),
        )
    ),
    "size": manifest(lambda m: m["limits"].update(model_megabytes=0.001)),
    "tokenizer": lambda bundle: edit_json(
        bundle / "tokenizer.json", lambda t: t.update(normalizer={"type": "NFKD"})
    ),
    "opens": DAMAGE["golden_text"][0],
    "litertlm_parity": lambda bundle: (
        (bundle / "embedder.litertlm").write_bytes(b"LITERTLM" + bytes(64)),
        edit_json(bundle / "manifest.json", lambda m: m["files"].update({"embedder.litertlm": {}})),
    ),
    "model_id": DAMAGE["model_id_everywhere"][0],
    "weights": DAMAGE["fewer_int8_weights"][0],
    "database": DAMAGE["search_sql"][0],
    "golden": DAMAGE["golden_repeats"][0],
    "tokens": DAMAGE["query_prompt"][0],
    "shipped_parity": DAMAGE["attention_renamed"][0],
    "twin_parity": DAMAGE["golden_nan"][0],
    "lengths": lambda bundle: (plant_nan(bundle), rename_model(bundle)),
    "ranking": DAMAGE["golden_without_rankings"][0],
    "passages": DAMAGE["swapped_vectors"][0],
    "sqlite_vec": DAMAGE["sqlite_vec_row"][0],
    "student_parity": student(lambda g: g["texts"][0].update(ids=[2, 3])),
    "student_agreement": student(lambda g: [t.update(teacher=g["texts"][0]["teacher"]) for t in g["texts"]]),
    "student_ladder": lambda bundle: edit_json(
        with_fallback(bundle) / "manifest.json", lambda m: m.update(ladder=None)
    ),
    "student_gain": lambda bundle: ladder_of(
        with_fallback(bundle), 0.05, against_bm25=comparison(0.02, -0.01, 0.05)
    ),
    "student_blind": student(lambda g: g.update(texts=[g["texts"][0]] * 8)),
    "student_golden": student(lambda g: g.update(texts=g["texts"][:1])),
}


def failing(found):
    return {one.gate for one in found if one.outcome == "fail"}


@pytest.mark.parametrize("name", [gate.name for gate in GATES if not gate.needs & BESIDE])
def test_each_gate_fails_on_a_bundle_that_is_damaged_in_its_way(tiny_bundle, name):
    if name == "digests":
        missing(tiny_bundle, None)
    else:
        FAILS[name](tiny_bundle)
        put_digests_right(tiny_bundle)
    examined = Examined(tiny_bundle)
    assert name in failing(examine(examined))
    examined.close()


def of_float(bundle, folder, monkeypatch):
    other = make_bert(folder / "other", seed=1)
    # Two words change places, and one is missing.
    edit_json(
        other / "tokenizer.json",
        lambda t: (t["model"]["vocab"].update(king=6, queen=5), t["model"]["vocab"].pop("rook")),
    )
    found = measure("parity", Examined(bundle, Means(embedder=str(other))))
    plant_nan(bundle)
    rename_model(bundle)
    put_digests_right(bundle)
    return [*found, *measure("parity", Examined(bundle, Means(embedder=str(other))))]


def on_cores(bundle, folder, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "home"))
    fake_root()
    plant_nan(bundle, everywhere=True)
    return measure("emulator", Examined(bundle))


def on_phones(bundle, folder, monkeypatch):
    binary = install(folder, monkeypatch, output="nan")
    examined = Examined(bundle, Means(device=SERIAL, binary=str(binary)))
    limits = {"latency_ms": 1e-4, "memory_megabytes": 1e-3}
    whole = read_manifest(bundle)
    examined.manifest = whole.model_copy(update={"limits": whole.limits.model_copy(update=limits)})
    examined.golden = examined.golden.model_copy(update={"texts": examined.golden.texts[:2]})
    return measure("device", examined)


def on_a_generator(bundle, folder, monkeypatch):
    """Everything about it is wrong, and it is looked at all the same."""
    (folder / "NOTICE").write_text("")
    prompts = PromptProof(dialogues=12, texts=0, ids=0, counts=0, first_difference="token 1")
    greedy = GreedyProof(
        prompts=20, tokens=24, equal=0, common_prefix=0.0, stopped=0, to_stop=1, log_likelihood=-9.0,
        log_likelihood_float=-1.0, first_difference="No. for Yes.",
    )  # fmt: skip
    measured = MeasuredGenerator(
        file="0" * 64, start=2, stop=(7,), prompts=prompts, greedy=greedy, runtime="0"
    )
    exam = ExamProof(
        file="0" * 64, questions=60, accuracy=0.4, quantization_loss=0.0, interval=(0.0, 0.0), limit=0.02, ships=False,
        reason="accuracy 0.4, limit 0.75",
    )  # fmt: skip
    spec = GeneratorSpec.model_validate({**SPEC, "quantization": "int4", "file": {"bytes": 0, "sha256": "0" * 64},
                                         "proofs": {"float32": measured.as_json(), "merge": PROOF, "packed_weights": "b" * 64, "exam": exam.as_json()}})  # fmt: skip
    examined = Examined(bundle, Means(generator=folder))
    examined.generator = PackedGenerator(folder)
    examined.generator.__dict__.update(whole=True, faults=("changed",), spec=spec, measured=measured)
    return measure("generator", examined)


#: Family -> what all of its gates fail on.
BESIDES = {"parity": of_float, "emulator": on_cores, "device": on_phones, "generator": on_a_generator}


def test_no_other_family_needs_more():
    # Those of NPU files fail in test_npu.py, on the emulator.
    assert {gate.family for gate in GATES if gate.needs & BESIDE} == {*BESIDES, "npu"}


@pytest.mark.parametrize("family", sorted(BESIDES))
def test_each_gate_that_needs_more_fails_too(tiny_bundle, tmp_path, monkeypatch, family):
    found = BESIDES[family](tiny_bundle, tmp_path, monkeypatch)
    assert failing(found) == {gate.name for gate in GATES if gate.family == family}, found
