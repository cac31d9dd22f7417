"""What `check` says of ModernBERT, Qwen3 and EmbeddingGemma 2 before anything is computed."""

import json

import pytest

from tests.conftest import make_data, make_recipe
from tests.random_embedders import make_embedder
from tests.random_models import edit_config
from tests.verbs import check

LINES = ["the king moves when the clock falls on the board"] * 16


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("check")
    made = ("modernbert", "qwen3", "embedding_gemma2_text")
    return {family: make_embedder(family, root / family, LINES) for family in made}


def lines(folder, base, extra=""):
    facts = check(str(make_recipe(make_data(folder), base, extra=extra)))
    return facts["exit"], {line["check"]: (line["outcome"], line["detail"]) for line in facts["checks"]}


@pytest.mark.parametrize("family", ["modernbert", "qwen3", "embedding_gemma2_text"])
def test_the_base_passes_and_npu_files_are_refused(folders, tmp_path, family):
    found = lines(tmp_path, folders[family])[1]
    assert found["base"][0] == "pass" and family in found["base"][1]
    code, found = lines(tmp_path, folders[family], 'npu = ["SM8750"]')
    assert (
        code == 2
        and "files for NPUs were compared with float models of bert, gemma3_text only" in found["base"][1]
    )


@pytest.mark.parametrize(("family", "words"), [("qwen3", "Qwen3-Embedding was trained with prompts"), ("embedding_gemma2_text", "EmbeddingGemma 2 was")])  # fmt: skip
def test_prompts_that_are_missing(folders, tmp_path, family, words):
    base = folders[family]
    file = base / "config_sentence_transformers.json"
    before = file.read_text()
    assert lines(tmp_path, base)[1]["prompts"][0] == "pass"
    file.write_text(json.dumps({**json.loads(before), "prompts": {}}))
    code, found = lines(tmp_path, base)
    file.write_text(before)
    assert code == 1 and found["prompts"][0] == "fail" and words in found["prompts"][1]


def test_a_setting_that_changes_the_arithmetic(folders, tmp_path):
    base = edit_config(folders["modernbert"], attention_bias=True, rope_scaling={"rope_type": "yarn"})
    code, found = lines(tmp_path, base)
    edit_config(base, attention_bias=False, rope_scaling=None)
    assert code == 2 and "attention_bias = True" in found["base"][1] and "'yarn'" in found["base"][1]
