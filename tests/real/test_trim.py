"""Trimming the real EmbeddingGemma: `make test-real EMBEDDINGGEMMA=DIR`, about a minute on two cores."""

import json
import random
import sys
from pathlib import Path

import pytest
from sentencepiece import SentencePieceProcessor
from transformers import AutoTokenizer

from pocketrag.formats.data import beir
from pocketrag.formats.tokenizer import clean
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import read_recipe
from pocketrag.reference import float_model
from tests.conftest import ROOT
from tests.verbs import trim

pytestmark = pytest.mark.real
HANDBOOK = ROOT / "examples" / "handbook"


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory, embeddinggemma):
    base = embeddinggemma
    folder = tmp_path_factory.mktemp("real")
    files = "\n".join(f'{key} = "{HANDBOOK / name}"' for key, name in
                      (("corpus", "corpus.jsonl"), ("queries", "queries.jsonl"), ("qrels", "qrels.tsv")))  # fmt: skip
    recipe = folder / "gemma.toml"
    recipe.write_text(
        f'name = "gemma"\n[data]\n{files}\n[model]\nbase = "{base}"\n[trim]\ntokens = 32768\nlanguages = ["fr", "en"]\n'
    )
    return base, recipe, trim(str(recipe), work=str(folder / "work"))


def test_facts(trimmed):
    _, _, facts = trimmed
    json.dump(facts, sys.stdout, indent=1)
    assert (
        facts["tokens"] == {"before": 262_144, "after": 32_768}
        and facts["bytes_saved"] == (262_144 - 32_768) * 768 * 4
    )
    assert facts["reserved_left_out"] == 6242 and facts["texts_that_spell_a_special_token"] == 0
    assert (
        0 < facts["held_out"]["folds"]["share"] < 0.01 and 0 < facts["held_out"]["evaluation"]["share"] < 0.05
    )


def test_vectors_are_those_of_the_base(trimmed):
    base, recipe, facts = trimmed
    chosen = read_recipe(recipe)
    prompts = prompts_of(chosen)
    texts = [prompts.ask(q.text) for q in beir.read_questions(chosen.data.queries)[:25]]
    texts += [prompts.passage(p.title, p.text) for p in beir.read_corpus(chosen.data.corpus)[:25]]
    ours, whole = (
        float_model.encode(float_model.load_float(Path(folder)), texts, progress=False)
        for folder in (facts["folder"], base)
    )
    assert (ours * whole).sum(1).min() >= 0.999999


def test_tokenizers_agree_on_odd_texts(trimmed):
    folder = trimmed[2]["folder"]
    piece = SentencePieceProcessor(model_file=f"{folder}/tokenizer.model")
    hugging = AutoTokenizer.from_pretrained(folder)
    chance = random.Random(5)  # noqa: S311
    odd = [
        " ",
        "▁",
        "\n",
        "\t",
        "\r",
        "<bos>",
        "<mask>",
        "<unused42>",
        "<0x0A>",
        "<h1>",
        "=",
        "e\u0301",
        "🙂",
        "مرحبا",
        "王将",
        "arbitre ",
        "\u200b",
    ]
    texts = [
        "".join(chance.choice(odd) * chance.randint(1, 40) for _ in range(chance.randint(0, 9)))
        for _ in range(3000)
    ]
    texts += [
        "".join(
            chr(chance.choice((chance.randint(1, 0xD7FF), chance.randint(0xE000, 0x10FFFF))))
            for _ in range(30)
        )
        for _ in range(3000)
    ]
    texts = [clean(text) for text in texts]
    assert hugging(texts, add_special_tokens=False)["input_ids"] == piece.encode(texts)
