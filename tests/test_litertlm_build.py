"""`build` with `export.litertlm` of both families, on their own tokenizers: the engine gives the bundle's vectors."""

import json

import pytest

from pocketrag.formats.embedder.litertlm_header import prompts_in, read_texts
from pocketrag.formats.layout import LITERTLM
from pocketrag.runtime import embedding_engine
from tests.builds import edit
from tests.conftest import cli, make_data, make_recipe
from tests.gemma import make_gemma

pytestmark = pytest.mark.long
MINILM = "sentence-transformers/all-MiniLM-L6-v2"


def built(folder, base, lengths, quantization="int8"):
    recipe = make_recipe(make_data(folder, 30, 1), base, extra=f'quantization = "{quantization}"\nlitertlm = true')  # fmt: skip
    edit(recipe, "lengths = [16, 32]", f"lengths = {lengths}")
    done = cli("build", recipe, "--out", folder / "out", "--json", cwd=folder, timeout=3000)
    found = json.loads(done.stdout) if done.returncode == 0 else {"gates": []}
    gates = {gate["gate"]: gate for gate in found["gates"]}
    assert gates.get("litertlm_parity", {}).get("outcome") == "pass", (gates.get("litertlm_parity"), done.stderr[-3000:])  # fmt: skip
    return folder / "out", gates["litertlm_parity"]


def same_as_ours(bundle, texts):
    """Least cosine of texts that no golden file holds: empty, other scripts, spaces, far too long."""
    from pocketrag.formats.manifest import read_manifest
    from pocketrag.runtime.embedder import LiteRtEmbedder
    from pocketrag.runtime.ranking import cosine

    ours = LiteRtEmbedder(bundle, read_manifest(bundle).embedder)
    theirs = embedding_engine.embed(bundle / LITERTLM, texts)
    return min(cosine(vector, ours.embed(text)) for vector, text in zip(theirs, texts, strict=True))


TEXTS = (
    "",
    "a",
    "  spaces before and behind  ",
    "Größe, naïve café, ½ №5",
    "受付は何時に始まりますか。",
    "the king moves " * 400,
    "<bos> [CLS] [SEP] <eos>",
    "two\nlines\tand\u00a0more 🙂",
    "a\0b",
)


def test_minilm(tmp_path):
    bundle, gate = built(tmp_path, MINILM, [32, 64])
    assert gate["value"] >= 0.9999
    assert same_as_ours(bundle, TEXTS) >= 0.9999


def test_a_gemma_with_sentencepiece_and_prompts(tmp_path):
    (tmp_path / "lines").mkdir()
    lines = [json.loads(line)["text"] for line in (make_data(tmp_path / "lines") / "corpus.jsonl").read_text().splitlines()]  # fmt: skip
    bundle, gate = built(tmp_path, make_gemma(tmp_path / "gemma", lines), [32, 64])
    assert gate["value"] >= 0.9999
    prompts = prompts_in(read_texts(bundle / LITERTLM))
    assert prompts.query.startswith("task: search result")
    assert same_as_ours(bundle, TEXTS) >= 0.9999
