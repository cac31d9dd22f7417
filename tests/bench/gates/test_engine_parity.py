"""The gate litertlm_parity on the real engine: a sound file passes, and each kind of wrong one is seen to fail."""

import json
import shutil
import zlib
from contextlib import contextmanager

import pytest
import torch
from litert_lm_builder import litertlm_builder as builder
from pocketrag.bench.gates.examined import Examined
from pocketrag.bench.gates.litertlm import engine_parity
from pocketrag.export.litertlm import lower_halves
from pocketrag.export.litertlm.halves import BehindRows
from pocketrag.export.litertlm.same_bytes import write_same

from pocketrag.formats import files
from pocketrag.formats.embedder.litertlm_header import MODEL_KEY, PROMPTS_KEY, prompts_in, read_texts
from pocketrag.formats.layout import LITERTLM, MODEL
from pocketrag.formats.tflite import IDENTIFIER, SECTION
from pocketrag.runtime import embedding_engine
from tests.bench.damage import edit_json, put_digests_right
from tests.builds import edit
from tests.conftest import cli, make_bert, make_data, make_recipe, once

pytestmark = pytest.mark.long
LENGTHS = (16, 32)


@pytest.fixture(scope="session")
def with_litertlm(tmp_path_factory, tiny_bert):
    """A folder with a tiny recipe that was built with a file for LiteRT-LM in the bundle."""

    def make(folder):
        make_recipe(make_data(folder), tiny_bert, extra="litertlm = true")
        done = cli("build", "tiny.toml", "--out", "out/tiny", "--json", cwd=folder)
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "build.json").write_text(done.stdout)

    return once(tmp_path_factory, "litertlm", make)


@pytest.fixture
def bundle(with_litertlm, tmp_path):
    """A copy of its bundle, free to damage."""
    return shutil.copytree(with_litertlm / "out" / "tiny", tmp_path / "tiny")


@pytest.fixture
def parts(bundle, tmp_path):
    """What the file is made of, as litert-lm-builder takes it apart."""
    builder.LitertLmFileBuilder.unpack(str(bundle / LITERTLM), str(tmp_path / "parts"))
    return tmp_path / "parts"


def outcome(bundle):
    examined = Examined(bundle)
    try:
        return engine_parity.parity(examined.opened)
    finally:
        examined.close()


def put_together(parts, bundle, **texts):
    """Write the bundle's file anew of changed parts, its digests right; texts replace those in its header."""
    made = builder.LitertLmFileBuilder.from_toml_file(str(parts / "model.toml"))
    rows = [row for row in made._system_metadata if row.key not in texts]
    made._system_metadata = rows + [builder.Metadata(key, value, builder.DType.STRING) for key, value in texts.items()]  # fmt: skip
    write_same(made, bundle / LITERTLM)
    put_digests_right(bundle)


def only(parts, pattern):
    (found,) = parts.glob(pattern)
    return found


def test_build_puts_the_file_into_the_bundle_and_proves_it(with_litertlm):
    found = json.loads((with_litertlm / "build.json").read_text())
    gate = next(one for one in found["gates"] if one["gate"] == "litertlm_parity")
    assert gate["outcome"] == "pass" and gate["value"] >= 0.9999
    assert "LiteRT-LM 0.18" in gate["detail"] and "of 32 questions" in gate["detail"]
    bundle = with_litertlm / "out" / "tiny"
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert manifest["files"][LITERTLM] == {"bytes": (bundle / LITERTLM).stat().st_size, "sha256": files.sha256(bundle / LITERTLM)}  # fmt: skip
    assert manifest["tools"]["litert-lm-builder"]
    said = read_texts(bundle / LITERTLM)
    assert said[MODEL_KEY] == manifest["files"][MODEL]["sha256"]
    assert prompts_in(said).model_dump() == manifest["encoders"][0]["embedder"]["prompts"]
    # The weights are there twice, and little else.
    ratio = (bundle / LITERTLM).stat().st_size / (bundle / MODEL).stat().st_size
    assert ratio < 2.5, ratio


def test_again_gives_the_same_bytes(with_litertlm, tmp_path):
    folder = shutil.copytree(with_litertlm, tmp_path / "built", symlinks=True)
    before = files.sha256(folder / "out" / "tiny" / LITERTLM)
    shutil.rmtree(folder / "work" / "tiny" / "litertlm-base")
    done = cli("build", "tiny.toml", "--out", "out/tiny", cwd=folder)
    assert done.returncode == 0 and "litertlm-base: running" in done.stderr, done.stderr
    assert files.sha256(folder / "out" / "tiny" / LITERTLM) == before


def test_the_file_of_another_model_fails(bundle, parts, tmp_path):
    lower_halves.lower_halves(make_bert(tmp_path / "other", seed=1), LENGTHS, tmp_path, None, exponents_of(bundle, tmp_path))  # fmt: skip
    shutil.copyfile(tmp_path / lower_halves.TEXT_FILE, only(parts, "*text_encoder*.tflite"))
    put_together(parts, bundle)
    found = outcome(bundle)
    assert found.outcome == "fail" and found.value < 0.9, found


def exponents_of(bundle, folder):
    """The powers of two of a model that needs none."""
    from pocketrag.export.half.fit import _rescaler
    from pocketrag.export.model.encoder import Encoder

    from pocketrag.formats.embedder.embedder_folder import read_embedder

    encoder = Encoder(read_embedder(folder / "other"), LENGTHS[-1]).eval()
    rescaler = _rescaler(encoder)
    from pocketrag.export.half.peaks import measure

    seen, _ = measure(encoder, [[2, 5, 6, 3]], LENGTHS, "Measuring", everything=False)
    return rescaler.choose(encoder, seen)


@contextmanager
def blind_to_the_mask():
    """The text encoder without its mask: padding counts as tokens."""
    sound = BehindRows.forward
    BehindRows.forward = lambda self, embeddings, input_mask: sound(self, embeddings, torch.ones_like(input_mask) + 0 * input_mask)  # fmt: skip
    try:
        yield
    finally:
        BehindRows.forward = sound


def test_padding_that_counts_as_tokens_fails(bundle, parts, with_litertlm, tiny_bert, tmp_path):
    exponents = files.read_json(with_litertlm / "work" / "tiny" / "convert-base" / "exponents.json")
    with blind_to_the_mask():
        lower_halves.convert(str(tiny_bert), LENGTHS, str(tmp_path), None, exponents)
    shutil.copyfile(tmp_path / lower_halves.TEXT_FILE, only(parts, "*text_encoder*.tflite"))
    put_together(parts, bundle)
    found = outcome(bundle)
    assert found.outcome == "fail" and found.value < 0.9999, found


def test_another_tokenizer_fails(bundle, parts):
    file = only(parts, "*[tT]okenizer*")
    content = file.read_bytes()
    values = json.loads(content if file.suffix == ".json" else zlib.decompress(content[8:]))
    vocabulary = values["model"]["vocab"]
    vocabulary.update(king=vocabulary["queen"], queen=vocabulary["king"])
    text = json.dumps(values).encode()
    file.write_bytes(text if file.suffix == ".json" else len(text).to_bytes(8, "little") + zlib.compress(text))  # fmt: skip
    put_together(parts, bundle)
    found = outcome(bundle)
    assert found.outcome == "fail" and found.value < 0.9999, found


def test_a_file_beside_a_newer_model_fails_before_it_is_run(bundle, parts):
    put_together(parts, bundle, **{MODEL_KEY: "0" * 64})
    found = outcome(bundle)
    assert found.outcome == "fail" and "made of another model than embedder.tflite" in found.detail


def test_other_prompts_fail(bundle, parts):
    put_together(parts, bundle, **{PROMPTS_KEY: '{"query": "ask: {question}"}'})
    found = outcome(bundle)
    assert found.outcome == "fail" and "its prompts are not the manifest's" in found.detail


@pytest.mark.parametrize("part", ["header", "table", "text encoder"])
def test_a_damaged_part_fails_and_ends_nothing(bundle, part):
    content = bytearray((bundle / LITERTLM).read_bytes())
    table = content.index(IDENTIFIER)
    at = {"header": 40, "table": table, "text encoder": content.index(IDENTIFIER, table + SECTION)}[part]
    content[at : at + 4000] = bytes(255 - byte for byte in content[at : at + 4000])
    (bundle / LITERTLM).write_bytes(content)
    # Its digest tells; where somebody put that right, too, the gate does.
    done = cli("verify", bundle, "--json")
    gates = {gate["gate"]: gate for gate in json.loads(done.stdout)["gates"]}
    assert done.returncode == 1 and gates["digests"]["outcome"] == "fail"
    assert gates["litertlm_parity"]["outcome"] == "unchecked"
    put_digests_right(bundle)
    assert outcome(bundle).outcome == "fail"


def test_half_a_file_fails(bundle):
    content = (bundle / LITERTLM).read_bytes()
    (bundle / LITERTLM).write_bytes(content[: len(content) // 2])
    put_digests_right(bundle)
    found = outcome(bundle)
    assert found.outcome == "fail" and "LiteRT-LM" in found.detail


def test_without_the_engine_it_is_unchecked(bundle, monkeypatch):
    monkeypatch.setattr(embedding_engine.util, "find_spec", lambda name: None)
    found = outcome(bundle)
    assert found.outcome == "unchecked" and "pip install 'pocketrag[answers]'" in found.detail


def test_a_bundle_without_the_file_is_skipped(bundle):
    (bundle / LITERTLM).unlink()
    edit_json(bundle / "manifest.json", lambda manifest: manifest["files"].pop(LITERTLM))
    put_digests_right(bundle)
    found = outcome(bundle)
    assert found.outcome == "skipped" and "export.litertlm" in found.detail
    assert cli("verify", bundle).returncode == 0


def test_students_and_the_file_are_refused_by_the_recipe(data, tiny_bert):
    recipe = make_recipe(data, tiny_bert, extra="litertlm = true\n[students.static]\nkind = \"static\"")  # fmt: skip
    done = cli("check", recipe)
    assert done.returncode == 2 and "export.litertlm" in done.stderr, done.stderr


def test_check_says_that_the_file_can_be_made_and_refuses_a_tokenizer_that_it_cannot(data, tiny_bert, tmp_path):  # fmt: skip
    base = shutil.copytree(tiny_bert, tmp_path / "embedder")
    recipe = make_recipe(data, base, extra="litertlm = true")
    lines = {line["check"]: line for line in json.loads(cli("check", recipe, "--json").stdout)["checks"]}
    assert lines["litertlm"]["outcome"] == "pass" and "LiteRT-LM 0.18" in lines["litertlm"]["detail"]
    edit_json(base / "tokenizer.json", lambda t: t["post_processor"]["single"].pop())
    done = cli("check", recipe, "--json")
    lines = {line["check"]: line for line in json.loads(done.stdout)["checks"]}
    assert done.returncode == 2 and lines["litertlm"]["outcome"] == "fail"
    assert "one token behind a text" in lines["litertlm"]["detail"]
    edit(recipe, "litertlm = true", "litertlm = false")
    lines = [line["check"] for line in json.loads(cli("check", recipe, "--json").stdout)["checks"]]
    assert "litertlm" not in lines
