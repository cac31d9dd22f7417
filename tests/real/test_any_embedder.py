"""Any embedder's real weights: `make test-real DIR=FOLDER` checks, converts, and compares every length with PyTorch.

It is the one command that proves a family whose real weights can't be had where the project is built; the folder may be the whole
EmbeddingGemma 2, whose text tower is taken first.
"""

import json
import os
from itertools import accumulate
from pathlib import Path

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.data import beir
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.layout import SPEC
from pocketrag.formats.tokenizer import fit
from pocketrag.reference import float_model
from pocketrag.reference.text_tower import take_text_tower
from pocketrag.runtime.embedder import LiteRtEmbedder
from tests.conftest import ROOT, cli

pytestmark = pytest.mark.real
HANDBOOK = ROOT / "examples" / "handbook"
LENGTHS = (32, 64, 128, 256, 512, 1024)
#: Texts a length.
TEXTS = 8


@pytest.fixture(scope="module")
def embedder(tmp_path_factory):
    given = Path(os.environ.get("POCKETRAG_EMBEDDER") or "none")
    if not (given / "modules.json").is_file():
        pytest.skip("no embedder is named: make test-real DIR=FOLDER")
    try:
        return read_embedder(given)
    except InputError as error:
        if "text_tower" not in str(error):
            raise
        return read_embedder(take_text_tower(given, tmp_path_factory.mktemp("tower") / given.name))


@pytest.fixture(scope="module")
def recipe(embedder, tmp_path_factory):
    file = tmp_path_factory.mktemp("any") / "any.toml"
    named = "\n".join(f'{key} = "{HANDBOOK / name}"' for key, name in
                      (("corpus", "corpus.jsonl"), ("queries", "queries.jsonl"), ("qrels", "qrels.tsv")))  # fmt: skip
    lengths = [length for length in LENGTHS if length <= embedder.max_tokens]
    file.write_text(
        f'name = "any"\n[data]\n{named}\n[model]\nbase = "{embedder.folder}"\nlicence = "unknown"\n[export]\nlengths = {lengths}\n'
    )
    return file


def test_it_passes_check(embedder, recipe):
    done = cli("check", recipe, "--json", cwd=recipe.parent, timeout=3600)
    checks = {row["check"]: row for row in json.loads(done.stdout)["checks"]}
    for name in ("base", "prompts"):
        assert checks[name]["outcome"] == "pass", checks[name]
    print(checks["base"]["detail"])  # noqa: T201 - for whoever runs it


def test_every_length_equals_transformers_on_real_texts(embedder, recipe):
    done = cli("convert", recipe, "--json", cwd=recipe.parent, timeout=14400)
    assert done.returncode == 0, done.stderr[-2000:]
    facts = json.loads(done.stdout)
    half = facts["half"]
    print(f"convert: n = {facts['n']}, least cosine {facts['least_cosine_to_pytorch']}, {facts['texts_with_same_tokens']} texts with the same "  # noqa: T201
          f"tokens; inside fp16: {half['fits']}, peak {half['largest']} of {half['largest_before']} unscaled")  # fmt: skip
    folder = Path(facts["folder"])
    lite = LiteRtEmbedder(folder, EmbedderSpec.model_validate_json((folder / SPEC).read_text()))
    twin = float_model.load_float(embedder.folder).eval()
    texts = list(
        accumulate((p.text for p in beir.read_corpus(HANDBOOK / "corpus.jsonl")), lambda a, b: f"{a} {b}")
    )
    for length in facts["lengths"]:
        found = []
        for number in range(TEXTS):
            ids = fit(
                lite.tokenize(texts[number * len(texts) // TEXTS]), max(3, length - number * length // TEXTS)
            )
            wanted = float_model.encode_ids(twin, ids)
            found.append(float(lite.embed_ids(ids, length) @ wanted[: lite.spec.dims]))
        print(f"length {length}: {TEXTS} texts, least cosine {min(found):.8f}")  # noqa: T201
        assert min(found) >= 0.99999
