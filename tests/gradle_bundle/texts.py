"""Texts that a tokenizer may stumble over: the examples' own, every character, and seeded nonsense."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

EXAMPLES = sorted((ROOT / "examples").rglob("*.jsonl"))
SEED = 20_000
#: A character of each kind that some step treats otherwise, and marks of which several follow each other.
KINDS = {
    "spaces": "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\u200b\ufeff\u2581",
    "control": "\x00\x01\x08\x7f\x80\x9f\xad\u061c\u200d\u202e\u2066\ufff9\ufffd\ufffe\U000e0001\U0010ffff",
    "marks": "\u0300\u0301\u0307\u0323\u0327\u0338\u0345\u0591\u05b0\u064b\u0670\u093c\u094d\u0e38\u0f71\u1dc0\u302a\u302e\u302f\u3099"
    "\u1b44\ua953\U0001d165\U0001d16d\U00011938\U0001e94a\U00016ff0",
    "letters": "aAzZéÉçßſİıǅŉﬁﬀΑΣσςЖжאבعربक्षไทยကᄀ각힣ᅡᆨ王漢㐀豈\ufa0e\U0002f800\U00020000\U0001d400\U0001e900ꭰᏸ",
    "signs": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»‹›“”„…–—·•°§¶©®™№¿¡、。「」♔♕€£¥½²₂①",
    "emoji": "🙂👍🏽👩\u200d👩\u200d👧🏳\ufe0f\u200d🌈🇫🇷1\ufe0f\u20e3🏴\U000e0067\U000e0062\U000e007f🫠",
    "surrogates": "\ud800\udbff\udc00\udfff\ud83d",
    "digits": "0123456789٠١२३𝟘",
}  # fmt: skip
#: What stands for itself in a vocabulary, or nearly.
NAMES = (
    "[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[unused1]", "[ SEP ]", "[sep]", "##ing", "<bos>", "<eos>", "<unk>", "<pad>", "<mask>",
    "<h1>", "</h1>", "<table>", "<start_of_turn>", "<end_of_turn>", "<unused3>", "<0x0A>", "<start_of_image>", "<image_soft_token>",
    "\n\n\n", "\t\t", "  ", "     ", "▁▁", "▁▁▁▁▁▁▁", " ▁ ▁", "\n" * 33, " " * 33, "<", "</", "<<h1>>", "[[SEP]]",
)  # fmt: skip


def all_texts(fuzz: int = 14_000) -> list[str]:
    """Return all texts, at least 20 000 of them; the same at each call."""
    return [whole_pairs(text) for text in (*examples(), *characters(), *fuzzed(fuzz), *long_lines())]


def whole_pairs(text: str) -> str:
    """Return what UTF-16 makes of a text: two halves side by side are one character, in a Python string they may be two."""
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


def examples() -> list[str]:
    """Return every text of the examples, whole and by sentence."""
    rows = [json.loads(line) for file in EXAMPLES for line in Path(file).read_text("utf-8").splitlines()]
    whole = [str(row[key]) for row in rows for key in ("title", "text") if row.get(key)]
    return [
        *whole,
        *(part for text in whole for part in text.split(". ")),
        *(f"task: search result | query: {t}" for t in whole),
    ]


def characters() -> Iterator[str]:
    """Every code point but surrogates: apart, between letters and after a letter, in blocks of 512."""
    for start in range(0, 0x110000, 512):
        if block := [chr(c) for c in range(start, start + 512) if not 0xD800 <= c < 0xE000]:
            yield " ".join(block)
            yield "".join(f"a{c}b " for c in block)
            yield "".join(block)
    for start in (0, 0x80, 0x2000, 0x3000, 0xFE00):
        yield from (f"x{chr(c)}" for c in range(start, start + 0x80))


def fuzzed(count: int) -> Iterator[str]:
    """Strings drawn from one kind of character, from all kinds, from names, and from the examples with damage."""
    draw = random.Random(SEED)  # noqa: S311 - the same texts each time
    kinds, words = list(KINDS.values()), " ".join(examples()[:400]).split(" ")
    everything = "".join(kinds)
    for number in range(count):
        size = draw.randrange(1, 40)
        source = (kinds[number % len(kinds)], everything, [*NAMES, *everything, *words], words)[
            draw.randrange(4)
        ]
        text = "".join(draw.choice(source) + draw.choice(("", "", "", " ")) for _ in range(size))
        yield draw.choice((text, text.upper(), text.swapcase(), f" {text}\n"))


def long_lines() -> Iterator[str]:
    """Lines of 100 kB, where what is quadratic shows, and words beyond WordPiece's limit of 100 characters."""
    size, text = 100_000, " ".join(examples())
    yield from ("", " ", "\n", "a" * 100, "a" * 101, "é" * 100, "é" * 101, "🙂" * 100, "🙂" * 101)
    yield from (
        (text * 3)[:size],
        "a" * size,
        " " * size + "x",
        "the " * (size // 4),
        "🙂" * (size // 4),
        "\u0301\u0323" * (size // 4),
    )
    yield from (
        "ab" * (size // 2),
        "\n" * size + "x",
        "王" * (size // 3),
        "[SEP]" * (size // 5),
        "x\ud800" * (size // 2),
    )
