"""The gates of a generator beside a bundle, each seen to fail on one that is damaged or forged in its way."""

import json
import shutil
import sys

import numpy as np
import pytest
from pocketrag.bench.gates.examined import GENERATOR, Examined, Means
from pocketrag.bench.gates.run import measure
from pocketrag.bench.gates.table import of_family, required
from pocketrag.bench.verify import check_bundle
from pocketrag.export.generator import assemble as assembling
from pocketrag.export.generator.assemble import Speech, assemble

from pocketrag.formats.generator import read_generator
from pocketrag.formats.tflite import blocks, model_in
from tests.bench.gates.test_generator_merge import PROOF
from tests.language_models import CHATML, TURNS
from tests.packs import MAX_TOKENS, copied, edit, put_right


def outcomes(generator):
    found = measure("generator", Examined(generator, Means(generator=generator)))
    return {one.gate.removeprefix("generator_"): one for one in found}


def words(found):
    return {name: one.outcome for name, one in found.items()}


def failing(generator):
    return {name for name, one in outcomes(generator).items() if one.outcome == "fail"}


@pytest.fixture
def gemma(packed_gemma, tmp_path):
    return copied(packed_gemma, tmp_path / "tiny.generator")


@pytest.fixture
def qwen(packed_qwen, tmp_path):
    return copied(packed_qwen, tmp_path / "tiny.generator")


def test_what_was_packed_passes(gemma):
    found = outcomes(gemma)
    unseen = {"merge": "skipped", "quantized": "skipped", "exam": "unchecked", "stops": "unchecked"}
    assert words(found) == {name: unseen.get(name, "pass") for name in found}
    assert "20 of 20" in found["greedy"].detail and "no reference answer ends" in found["stops"].detail


def test_a_quantized_one_reports_what_quantizing_changed(qwen):
    found = outcomes(qwen)
    unseen = {"merge": "skipped", "quantized": "unchecked", "exam": "unchecked", "stops": "unchecked"}
    assert words(found) == {name: unseen.get(name, "pass") for name in found}
    assert "common prefix" in found["quantized"].detail and "no exam" in found["quantized"].detail
    assert "float32, 20 of 20" in found["greedy"].detail and "int4" in found["blocks"].detail


def test_a_generator_of_another_version_fails(gemma, tmp_path):
    bundle = tmp_path / "tiny"
    bundle.mkdir()
    for version, outcome in (("1.0.0", "pass"), ("1.1.0", "fail")):
        (bundle / "manifest.json").write_text(json.dumps({"name": "tiny", "version": version}))
        found = measure("generator", Examined(bundle, Means(generator=gemma)))
        said = next(one for one in found if one.gate == "generator_bytes")
        assert said.outcome == outcome, said
    assert "of tiny 1.0.0, beside tiny 1.1.0; run `pocketrag pack` again" in said.detail


def flipped(generator):
    file = generator / "generator.litertlm"
    content = bytearray(file.read_bytes())
    content[-1000] ^= 1
    file.write_bytes(content)


CHANGED = {
    "a bit of the model": flipped,
    "the notice": lambda generator: (generator / "NOTICE").write_text("Mine."),
    "a file more": lambda generator: (generator / "more.txt").write_text("?"),
    "a file less": lambda generator: (generator / "golden.json").unlink(),
    "no sums": lambda generator: (generator / "SHA256SUMS").unlink(),
    "another contract": lambda generator: edit(generator / "generator.json", lambda s: s.update(contract=7)),
    "another golden contract": lambda generator: edit(
        generator / "golden.json", lambda s: s.update(contract=7)
    ),
}


@pytest.mark.parametrize("how", CHANGED)
def test_of_a_changed_one_nothing_is_opened(gemma, how):
    CHANGED[how](gemma)
    found = words(outcomes(gemma))
    assert found.pop("bytes") == "fail" and set(found.values()) == {"unchecked"}


def repacked(packed, generator, template, start=None, stop=(1, 5), monkeypatch=None):
    """The same model, spoken to in another way."""
    plain = assembling._metadata
    if start:
        monkeypatch.setattr(assembling, "_metadata", lambda speech: _with_start(plain(speech), start))
    model = generator.parent / "model.tflite"
    model.write_bytes(model_in(generator / "generator.litertlm"))
    assemble(
        model, packed / "gemma3" / "tokenizer.json", Speech(template, stop, MAX_TOKENS), generator / "new"
    )
    (generator / "new").rename(generator / "generator.litertlm")
    put_right(generator)


def _with_start(metadata, token):
    metadata.start_token.token_ids.ids.append(token)
    return metadata


def test_a_start_token_twice(gemma, packed_gemma, monkeypatch):
    content = (gemma / "generator.litertlm").read_bytes()
    begin = content.index(b"{%- set bos_token")
    template = content[
        begin : content.index(b"{% endif %}", content.index(b"start_of_turn>model", begin)) + 11
    ]
    repacked(packed_gemma, gemma, template.decode(), start=2, monkeypatch=monkeypatch)
    found = outcomes(gemma)
    assert words(found)["prompt_ids"] == "fail" and "0 of 12; token 1" in found["prompt_ids"].detail
    assert words(found)["template"] == "pass"


def test_a_template_that_was_not_rewritten(gemma, packed_gemma):
    repacked(packed_gemma, gemma, TURNS)
    assert {"template", "prompt_ids"} <= failing(gemma)


def test_a_template_of_another_model(gemma, packed_gemma):
    repacked(packed_gemma, gemma, CHATML.replace("message['content']", "message['content'][0]['text']"))
    assert {"template", "prompt_ids"} <= failing(gemma)


def test_other_answers_than_the_reference(gemma):
    edit(gemma / "golden.json", lambda golden: golden["answers"][4].update(text="Something else."))
    assert failing(gemma) == {"greedy"}


def test_of_a_quantized_one_the_float_one_counts(qwen):
    def worse(spec):
        spec["proofs"]["float32"]["greedy"]["equal"] = 19

    edit(qwen / "generator.json", worse)
    assert failing(qwen) == {"greedy"}
    edit(qwen / "generator.json", lambda spec: spec.update(proofs={}))
    assert words(outcomes(qwen))["greedy"] == "unchecked"


def test_too_few_prompts_prove_nothing(gemma):
    edit(gemma / "golden.json", lambda golden: golden.update(answers=golden["answers"][:5]))
    assert words(outcomes(gemma))["greedy"] == "unchecked"


def test_quantizing_that_breaks_the_model(qwen):
    edit(qwen / "golden.json", lambda g: [one.update(log_likelihood=-0.1) for one in g["answers"]])
    assert failing(qwen) == {"quantized"}


def test_the_exam_holds_quantizing_to_the_recipes_limit(qwen):
    file = read_generator(qwen).file.sha256
    exam = {
        "file": file, "questions": 60, "accuracy": 0.8, "interval": [-0.03, 0.05], "limit": 0.02, "ships": True, "reason": "",
    }  # fmt: skip
    for loss, outcome in ((0.01, "pass"), (0.05, "fail")):
        said = {**exam, "quantization_loss": loss}
        edit(qwen / "generator.json", lambda spec, said=said: spec["proofs"].update(exam=said))
        assert words(outcomes(qwen))["quantized"] == outcome
    said = {**exam, "quantization_loss": 0.0, "file": "0" * 64}
    edit(qwen / "generator.json", lambda spec: spec["proofs"].update(exam=said))
    assert failing(qwen) == {"quantized", "exam"}, "the exam of another file"


def test_a_block_without_a_scale(qwen):
    file = qwen / "generator.litertlm"
    content = bytearray(file.read_bytes())
    model = bytearray(model_in(file))
    next(iter(blocks(model)))[1][5] = np.float16(0)
    content[len(content) - len(model) :] = model
    file.write_bytes(content)
    put_right(qwen)
    found = outcomes(qwen)
    assert words(found)["blocks"] == "fail" and "too small for LiteRT" in found["blocks"].detail
    assert words(found)["prompt_ids"] == "fail", "and the runtime refuses it"


@pytest.mark.parametrize("claimed", ["float32", "int8"])
def test_weights_that_are_stored_otherwise_than_said(qwen, claimed):
    edit(qwen / "generator.json", lambda spec: spec.update(quantization=claimed))
    assert "blocks" in failing(qwen)


def test_stop_tokens_that_are_not_the_files(gemma):
    edit(gemma / "generator.json", lambda spec: spec.update(stop=[1]))
    assert failing(gemma) == {"stops"}


def test_a_template_whose_answers_end_with_no_stop_token(gemma, packed_gemma):
    golden = gemma / "golden.json"
    without = lambda g: [one.update(ids=[i for i in one["ids"] if i not in (1, 5)]) for one in g["turns"]]  # noqa: E731
    edit(golden, without)
    assert {"stops", "prompt_ids"} <= failing(gemma)


def test_an_answer_that_does_not_end(gemma):
    def ends(golden):
        golden["answers"][0].update(stopped=True, text="Yes.", ids=[40])

    edit(gemma / "golden.json", ends)
    assert failing(gemma) == {"greedy", "stops"}


def test_a_proof_of_another_merge(gemma):
    """Nothing was merged into this one, so every proof is another model's."""
    edit(gemma / "generator.json", lambda spec: spec["proofs"].update(merge=PROOF))
    put_right(gemma)
    assert "merge" in failing(gemma)


def test_a_licence_that_is_not_passed_on(gemma):
    (gemma / "NOTICE").write_text(" \n")
    put_right(gemma)
    assert failing(gemma) == {"licence"}
    (gemma / "NOTICE").write_text("Gemma.")
    edit(gemma / "generator.json", lambda spec: spec.update(licence=""))
    assert words(outcomes(gemma))["licence"] == "unchecked"


def test_without_the_runtime_what_it_would_tell_is_unchecked(gemma, monkeypatch):
    monkeypatch.setitem(sys.modules, "litert_lm", None)
    found = outcomes(gemma)
    assert {name for name, word in words(found).items() if word == "unchecked"} == {
        "template", "prompt_ids", "greedy", "stops", "exam",
    }  # fmt: skip
    assert "pip install" in found["greedy"].detail


def test_verify_looks_beside_the_bundle(tiny_bundle, packed_gemma):
    names = set(of_family("generator"))
    alone = check_bundle(str(tiny_bundle))
    assert {one.outcome for one in alone.gates if one.gate in names} == {"skipped"}
    beside = copied(packed_gemma, tiny_bundle.with_name("tiny.generator"))
    version = json.loads((tiny_bundle / "manifest.json").read_text())["version"]
    edit(beside / "generator.json", lambda spec: spec.update(version=version))
    put_right(beside)
    found = check_bundle(str(tiny_bundle))
    assert found.exit == alone.exit == 0
    assert {one.gate: one.outcome for one in found.gates}["generator_greedy"] == "pass"
    flipped(beside)
    assert check_bundle(str(tiny_bundle)).exit == 1
    shutil.rmtree(beside)
    assert json.loads(check_bundle(str(tiny_bundle)).model_dump_json())["exit"] == 0


def test_a_release_needs_more_than_a_build():
    given = {"litert", GENERATOR}
    assert required("release", given) - required("build", given) >= {
        "generator_quantized", "generator_exam", "generator_licence", "generator_stops",
    }  # fmt: skip
    assert "generator_greedy" in required("build", given) and "generator_greedy" not in required(
        "build", {"litert"}
    )
