"""Folding, int8 scores and fusion of the page: Python's to the last bit, under node."""

import base64
import random
import unicodedata

import numpy as np
import pytest

from pocketrag.formats.golden import pack
from pocketrag.formats.tokenizer import clean
from pocketrag.runtime import ranking
from pocketrag.runtime.folding import folded
from pocketrag.runtime.phrases import phrases
from pocketrag.runtime.vectors import Vectors
from tests.gradle_bundle.test_units import CODES, fuzz
from tests.pocketrag.runtime import languages
from tests.serve.browser import node

pytestmark = pytest.mark.skipif(node.NODE is None, reason=node.MISSING)
#: Where backtracking would show.
LONG = ("a-" * 150 + "b", "1." * 300 + "1", "x" * 200 + "-1", "(1)" * 300, "1 " * 300 + "1", "停止" * 500, "é" * 20_000, "a-" * 5_000, "1 x " * 2_000)  # fmt: skip


def test_what_is_asked_of_20_000_texts():
    texts = [*fuzz(11, 20_000), *CODES, *LONG]
    texts += [one.text for language in languages.SETS for side in languages.of(language) for one in side]
    texts += [unicodedata.normalize("NFD", text) for text in texts[::8]]
    wanted = []
    for text in texts:
        asked = clean(text)
        found = folded(asked)
        wanted.append([found, phrases(asked, found)])
    for text, mine, theirs in zip(texts, wanted, node.ask("asked", texts=texts), strict=True):
        assert mine == theirs, ascii(text)[:300]
    assert sum(bool(more) for _, more in wanted) > 3000


@pytest.mark.parametrize("name", ["scores", "ranks"])
def test_fusion(name):
    chance, cases = random.Random(7), []  # noqa: S311
    ids = [f"p{n}" for n in range(60)] + ["ﬁ", "🙂", "é", "𝒜"]
    for _ in range(200):
        lists = []
        for _ in range(2):
            kept = chance.sample(ids, chance.choice([0, 1, 2, 30, 64]))
            scores = [chance.choice([0.5, 0.25, -1.0, chance.uniform(-30, 30)]) for _ in kept]
            lists.append(
                [[i, s] for s, i in sorted(zip(scores, kept, strict=True), key=lambda r: (-r[0], r[1]))]
            )
        cases.append([*lists, chance.choice([0.0, 1.0, 0.5, 0.35, chance.random()])])
    for (dense, lexical, weight), rows in zip(
        cases, node.ask("fusion", fusion=name, cases=cases), strict=True
    ):
        wanted = ranking.FUSIONS[name]([tuple(r) for r in dense], [tuple(r) for r in lexical], weight)
        assert [tuple(row) for row in rows] == wanted


def test_a_question_is_rounded_half_to_even():
    chance = np.random.default_rng(3)
    edge = np.array([127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, -127], np.float32)
    vectors = [*chance.normal(size=(50, 32)).astype(np.float32), edge]
    found = node.ask("quantized", vectors=[pack(vector) for vector in vectors])
    for vector, (scale, values) in zip(vectors, found, strict=True):
        wanted, step = ranking.quantize_question(vector)
        assert scale == step and values == wanted.tolist()


@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize(
    ("n", "dims", "brute", "candidates"),
    [(1, 32, 20_000, 4_000), (300, 40, 20_000, 4_000), (1500, 64, 500, 100), (1500, 130, 100, 40), (1500, 8, 500, 100)],
)  # fmt: skip
def test_nearest_vectors(n, dims, brute, candidates, filtered):
    chance = np.random.default_rng(n + dims)
    rows = chance.integers(-3 if dims == 8 else -127, 4 if dims == 8 else 128, (n, dims), dtype=np.int8)
    ids = sorted([f"p{i}" for i in range(n - 1)] + ["🙂"])
    python = Vectors(ids, rows, 0.0017, brute, candidates)
    asked = [
        (v, limit) for v in chance.normal(size=(4, dims)).astype(np.float32) for limit in (1, 10, 250, n + 1)
    ]
    allowed = {id_ for at, id_ in enumerate(ids) if at % 3} if filtered else None
    found = node.ask(
        "nearest", allowed=sorted(allowed) if filtered else None, ids=ids, rows=base64.b64encode(rows.tobytes()).decode(), dims=dims, scale=0.0017, brute=brute,
        candidates=candidates, questions=[[pack(v), limit] for v, limit in asked],
    )  # fmt: skip
    for (vector, limit), row in zip(asked, found, strict=True):
        assert [tuple(one) for one in row] == python.nearest(vector, limit, allowed)


def test_ids_are_ordered_by_their_code_points():
    texts = [text for text in set(fuzz(1, 3000, 6)) if text == text.encode("utf-8", "ignore").decode()]
    assert node.ask("order", texts=texts) == sorted(texts)
