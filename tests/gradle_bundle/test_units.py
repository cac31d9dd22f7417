"""The parts that must agree to the last bit: order of ids, fusion, int8, both stages of the vector search, the FTS5 query."""

import base64
import json
import random
import unicodedata

import numpy as np
import pytest

from pocketrag.formats.golden import pack
from pocketrag.runtime import ranking
from pocketrag.runtime.database import Database
from pocketrag.runtime.vectors import Vectors
from pocketrag.runtime.words import count_words
from tests.gradle_bundle import jvm
from tests.pocketrag.runtime import languages
from tests.pocketrag.runtime.variants import with_passages

pytestmark = pytest.mark.usefixtures("kotlin")

#: Letters of every kind: ASCII, accents, both sides of the surrogates, other planes, right-to-left, marks, controls, no characters.
LETTERS = [*"abc XYZ019'\"-*:(){}^", *"éßœİıﬁ\ue000\uffee\ufffd", *"🙂𝒜🇫\U0010ffff", *"שלום مرحبا", *"\u0301\u0327\u200d\u202e", *"王将節", *"\x00\x01\t\n\x1c\x85\xa0",
           *"œßёÆ１Ａ､ｶﾞΆς", *"停止棋钟", *"時計をカー", *"시계는", *"นาฬิกา", *"គេក", *"किताब", *"كَتَبَ", *"שָׁלֹ", *"6.11.4-_/:12", *"\u0308\u00ad\u200b\u200c\u202a\ufe0f\u20e3²½№™①ﷺ㍿\U00020000",
           *"٣۳३০๓៣፩", *"물을꽃은", "물에서", "꽃입니다", *"বাংলা தமிழ்", *"ລາວ မြန်မာ", *"ᜀ\U0001f1eb\U0001f44d\U0001f3fd\U0002f800\U0001b001", *"()[]", *"ہۀۂۃ\u200cৎত্ൺൻർൽൾന്\u200dװױײ", "हिन्दी", "हिंदी", "म्ब", *"¹³⁴⁰₂\u2044¼¾⅓\u2126Ωω\u00b5\u03bcm23", *"x×X'’§\u202f\u066c;",
           *"第3条第2項年5月6日は", *"제12조제3항", *"มาตรา", "\n", "\r\n", " 1/2 ", " 000 ", "停\n止", " Abs. ", " a ", " AB ", " v2.1 ", " C++ ", " C# ", " (3) ", " 12 ",
           "\ud800", "\udfff", " king ", " Rook ", " kings ", " 12 "]  # fmt: skip


#: Names of several parts, as people write them.
CODES = (
    "AB-12/3.4", "v2.10.1 V2.10 v2", "2024-03-01 01.03.2024", "max_retry_count", "a.b.tar.gz", "10.0.0.1", "fe80::1", "§ 12 (3)",
    "12(3)(b)(ii)", "+49 30 123456", "(555) 123-4567", "5,5 mm 5×20", "5,5mm 20 KG 3GB 12x3 7z 5\u00b5m A5m", "C++ C# F# A#b C+++", "someone@example.org", "C:\\a\\b.txt",
    "第3条第2項は 2024年5月6日 第 2 条 3冊の本を5", "제12조제3항은 3시에", "มาตรา 12 วรรค 3 ข้อ๓", "§ 12 Abs. 3 Satz 2", "arr[3][5] (3, 5)", "6. Mai 2024; 6 de mayo de 2024",
    "盐 食盐 水をください 물 책은 งู กา", "停\n止 時\r\n  計 นา\nฬิกา a\nb", "1 000 1.000 1,000 1'000 1’000 1\u00a0000 1\u202f000 12 345,67 1٬٠٠٠ 6.11.4 1.0000",
    "12 a 12a 12 A 5 A", "AB-1234 AB1234 AB 1234 ab 1234 ab-1234 DE89 3704 0044 0532 0130 00", "978-3-16-148410-0 030/123-45", "M8x20 M8×20 M8 x 20 M8X20 0x1F 2x3x4",
    "20m² 20 m2 3cm³ 10kΩ 10 k\u2126 5\u00b5m 5μg 5\u039cM 10² Satz¹ Satz¹² ¹Satz m²x H₂O 5⁻¹", "½ 1/2 3½ 3 1/2 1/2/3 11/2 1⁄4 3/4 1/3 ⅓",
    "می\u200cخواهم میخواهم ہے ۀ کي", "हिन्दी हिंदी लम्बा अङ्क जन्म", "সৎ সত্ ৎ", "അവൻ അവന്\u200d", "װאָס ױ ײַ", "١٢٫٣ १२/३", "1½ №5 ①Press iPhone™", "A‑12/3", "est-ce, l'arbitre", "https://a.b/c?d=1&e=2", "1-2 3-4 " * 30, "⏰🛑♟️", "?!… --- ///",
)  # fmt: skip
#: Over 100 parts, over 200 letters, and megabytes without an end of the word, of a name, or of a run that is cut.
HUGE = (
    "a-" * 150 + "b", "1." * 300 + "1", "x" * 199 + "-1", "x" * 200 + "-1", "x" * 300 + "-1", "(1)" * 300, "1 " * 300 + "1", "king rook " * 10_000,
    "\x00" * 1000, "é" * 1_000_000, "x" * 1_000_000, "a-" * 500_000, "1 " * 500_000, "1(" * 500_000, "1 000" * 50_000, "12 a " * 50_000, "AB 1" * 50_000, "3条第" * 50_000, "停\n" * 50_000, "¹a" * 50_000, "1 b, c " * 20_000,
    " ".join(map(str, range(20_000))), "; ".join(f"{n} x {n}" for n in range(20_000)), "停" + " " * 100_000, "1 x " * 50_000, "-" * 1_000_000, "停止" * 300_000,
    "\U00020000" * 300_000, "นาฬิกา" * 100_000, "시계는" * 200_000, "\u0301" * 1_000_000, "ﷺ" * 50_000, "C++ " * 100_000, "v1.2" * 100_000,
)  # fmt: skip


def fuzz(seed, count, longest=40):
    chance = random.Random(seed)  # noqa: S311 - no secret
    texts = ["".join(chance.choices(LETTERS, k=chance.randint(0, longest))) for _ in range(count)]
    # In UTF-16 two halves side by side are a pair: Kotlin can't hold them apart.
    return [text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") for text in texts]


def test_ids_are_ordered_by_their_code_points():
    texts = [text for text in set(fuzz(1, 5000, 6)) if text == text.encode("utf-8", "ignore").decode()]
    (found,) = jvm.run(("order", {"texts": texts}))
    assert found == sorted(texts) == sorted(texts, key=lambda text: text.encode())


@pytest.mark.parametrize("name", ["scores", "ranks"])
def test_fusion(name):
    """Equal to the last bit, ties included, for lists long and empty, of which all scores may be equal."""
    chance, cases = random.Random(7), []  # noqa: S311
    ids = [f"p{n}" for n in range(60)] + ["ﬁ", "🙂", "é", "𝒜"]
    for _ in range(400):
        lists = []
        for _ in range(2):
            kept = chance.sample(ids, chance.choice([0, 1, 2, 30, 64]))
            scores = [chance.choice([0.5, 0.25, -1.0, chance.uniform(-30, 30)]) for _ in kept]
            lists.append(
                [[i, s] for s, i in sorted(zip(scores, kept, strict=True), key=lambda row: (-row[0], row[1]))]
            )
        cases.append([*lists, chance.choice([0.0, 1.0, 0.5, 0.35, chance.random()])])
    (found,) = jvm.run(("fusion", {"fusion": name, "cases": cases}))
    for (dense, lexical, weight), rows in zip(cases, found, strict=True):
        wanted = ranking.FUSIONS[name]([tuple(r) for r in dense], [tuple(r) for r in lexical], weight)
        assert [tuple(row) for row in rows] == wanted


def test_a_question_is_rounded_half_to_even():
    chance = np.random.default_rng(3)
    vectors = [
        *chance.normal(size=(50, 32)).astype(np.float32),
        np.array([127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, -127], np.float32),
    ]
    (found,) = jvm.run(("quantize", {"vectors": [pack(v) for v in vectors]}))
    for vector, (scale, values) in zip(vectors, found, strict=True):
        wanted, step = ranking.quantize_question(vector)
        assert scale == step and values == wanted.tolist()
    assert found[-1][1] == [127, 0, 2, 2, 0, -2, -2, -127]


@pytest.mark.parametrize(
    ("n", "dims", "limits"),
    [(1, 32, {}), (300, 40, {}), (1500, 64, {"brute": 500, "candidates": 100}), (1500, 130, {"brute": 100, "candidates": 40}),
     (1500, 8, {"brute": 500, "candidates": 100}), (20_500, 16, {})],
)  # fmt: skip
def test_nearest_vectors(n, dims, limits):
    """Brute force and both stages: the same places and the same scores, ties (of 8 dims there are many) broken by id."""
    chance = np.random.default_rng(n + dims)
    rows = chance.integers(-3 if dims == 8 else -127, 4 if dims == 8 else 128, (n, dims), dtype=np.int8)
    ids = sorted([f"p{i}" for i in range(n - 1)] + ["🙂"])
    python = Vectors(ids, rows, 0.0017, **limits)
    asked = [(vector / np.linalg.norm(vector), limit, allowed) for vector in chance.normal(size=(4, dims)).astype(np.float32)
             for limit in (1, 10, 250, n + 1) for allowed in (None, ids[:: max(1, n // 30)], ids[: n // 2])]  # fmt: skip
    questions = [
        {"vector": pack(v), "limit": k, **({} if a is None else {"allowed": a})} for v, k, a in asked
    ]
    packed = base64.b64encode(rows.tobytes()).decode()
    (found,) = jvm.run(
        (
            "vectors",
            {"ids": ids, "rows": packed, "dims": dims, "scale": 0.0017, "questions": questions, **limits},
        )
    )
    for (vector, limit, allowed), row in zip(asked, found, strict=True):
        wanted = python.nearest(vector.astype("<f4"), limit, None if allowed is None else set(allowed))
        assert [tuple(one) for one in row] == wanted


def test_the_fts5_query_of_20_000_texts(tiny_bundle, tiny_built, tmp_path):
    """Word for word, stems included: the corpus, the questions, and what chance makes of operators, quotes, controls, other scripts."""
    corpus = [json.loads(line) for line in (tiny_built / "corpus.jsonl").read_text().splitlines()]
    asked = [json.loads(line)["text"] for line in (tiny_built / "queries.jsonl").read_text().splitlines()]
    bundle = with_passages(
        tiny_bundle,
        tmp_path / "stems",
        _passages(corpus),
        language="en",
        others=("kings", "rooks", "waiting"),
    )
    texts = [
        *asked,
        *(row["text"] for row in corpus),
        *fuzz(11, 20_000),
        *(
            text
            for language in languages.SETS
            for side in languages.of(language)
            for text in (one.text for one in side)
        ),
        *CODES,
        *HUGE,
    ]
    texts += [unicodedata.normalize("NFD", text) for text in texts[::8] if len(text) < 500]
    texts += [unicodedata.normalize("NFKC", text) for text in asked]
    database = Database(bundle / "corpus.db")
    wanted = [database._full_text.match(text) for text in texts]
    database.close()
    (found,) = jvm.run(("match", {"folder": bundle, "texts": texts}))
    assert found == wanted and len(texts) > 20_000
    assert 5000 < sum(row is not None for row in found) < len(texts) - 1000 and any(
        "stems" in row for row in found if row
    )


def _passages(corpus):
    from pocketrag.formats.data.beir import Passage

    odd = [
        Passage("odd1", "ﬁn İstanbul", "שלום kings 王将 🙂 é̀ ß 12", {}),
        Passage("odd2", "مرحبا", "abc xyz 019 c b", {}),
        Passage("odd3", "停止棋钟", "時計をカー 시계는 นาฬิกา គេក किताब كتب שלו 6.11.4 oe ss", {}),
    ]
    passages = [Passage(row["_id"], row["title"], row["text"], row["metadata"]) for row in corpus] + odd
    assert count_words(passages).counts["שלום"] == 1
    return passages


def test_the_weight_cache_believes_only_what_was_proved(tmp_path):
    (found,) = jvm.run(("cache", {"folder": tmp_path / "cache"}))
    assert found["kept"] == [False, False, True, False, True, True, False]
    # A note that can't be written vouches for nothing, throws nothing and leaves no lock.
    assert found["full"] is False
