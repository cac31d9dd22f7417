"""The classes by which characters join into one (UAX #29), asked out of the `tokenizers` library's own segmentation.

Its normalizer `Precompiled` treats a cluster of at most five bytes as one, so that a map of few characters tells what joins what:
a cluster becomes what its first character becomes, and whatever else is in it is gone.
"""

import functools
import io
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import normalizers

#: What the probes watch: A, an accent, the trademark sign (a pictograph), KA, a vowel and a final consonant of Hangul.
RULES = {"a": "X", "\u0301": "M", "\u2122": "Q", "\u0915": "K", "\u1161": "V", "\u11a8": "T"}
ACCENT, SIGN, JOINER, KA, VIRAMA = "\u0301", "\u2122", "\u200d", "\u0915", "\u094d"
#: GCB L, V, T and the syllables, which the runtimes have as ranges: with another Unicode the assertion below says so.
LEADS = (*range(0x1100, 0x1160), *range(0xA960, 0xA97D))
VOWELS = (*range(0x1160, 0x11A8), *range(0xD7B0, 0xD7C7), 0x16D63, *range(0x16D67, 0x16D6B))
TRAILS = (*range(0x11A8, 0x1200), *range(0xD7CB, 0xD7FC))
SYLLABLES = range(0xAC00, 0xAC00 + 11172)


def charsmap(rules: dict[str, str]) -> bytes:
    """Return the map of a `Precompiled` normalizer, as SentencePiece's trainer compiles it."""
    stream = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.tsv"
        file.write_text("".join(f"{codes(old)}\t{codes(new)}\n" for old, new in rules.items()))
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["a b c d e f g"] * 10), model_writer=stream, vocab_size=12,
            model_type="char", normalization_rule_tsv=str(file), hard_vocab_limit=False, minloglevel=2,
        )  # fmt: skip
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(stream.getvalue())
    return bytes(proto.normalizer_spec.precompiled_charsmap)


def codes(text: str) -> str:
    return " ".join(f"{ord(letter):X}" for letter in text)


@functools.cache
def _normalize() -> Callable[[str], str]:
    return normalizers.Precompiled(charsmap(RULES)).normalize_str


def classes(code_points: list[int]) -> dict[str, tuple[str, list[int]]]:
    """Return name -> (what it is, its code points)."""
    joins = found(code_points, lambda c: f"a{c}", lambda c, out: out == "X")
    joined = found(
        code_points, lambda c: f"{SIGN}{c}{JOINER}{SIGN}{ACCENT}", lambda c, out: out.endswith("QM")
    )
    linked = found(code_points, lambda c: f"{KA}{c}{VIRAMA}{KA}{ACCENT}", lambda c, out: out.endswith("KM"))
    linkers = found(code_points, lambda c: f"{KA}{c}{KA}{ACCENT}", lambda c, out: out.endswith("KM"))
    consonants = found(code_points, lambda c: f"{c}{VIRAMA}{KA}{ACCENT}", lambda c, out: out.endswith("KM"))
    pictographs = found(
        code_points, lambda c: f"{c}{JOINER}{SIGN}{ACCENT}", lambda c, out: out.endswith("QM")
    )
    prepend = found(code_points, lambda c: f"{c}a{ACCENT}", lambda c, out: out.endswith("XM"))
    control = found(
        code_points, lambda c: f"{c}{ACCENT}\u0302", lambda c, out: out.endswith("M") and len(out) == 2
    )
    extend = joins & joined
    # The joiner of emoji does not extend a pictograph, and joins consonants all the same; U+200C joins none.
    assert extend - linked <= {0x200C} | consonants and 0x200D in linked
    assert _hangul([c for c in code_points if c not in prepend])
    return {
        "EXTEND": ("what joins the character before it, whichever that is", sorted(extend | {0x200D})),
        "SPACING": ("vowel signs that join likewise, but end an emoji", sorted(joins - extend - {0x200D})),
        "PREPEND": ("what joins the character after it", sorted(prepend)),
        "CONTROL": ("what joins none", sorted(control)),
        "PICTOGRAPH": ("what the joiner of emoji joins", sorted(pictographs)),
        "CONSONANT": ("consonants of scripts that write them as one", sorted(consonants)),
        "LINKER": ("what links such consonants", sorted(linkers - prepend)),
    }


def found(
    code_points: Iterable[int], probe: Callable[[str], str], holds: Callable[[str, str], bool]
) -> set[int]:
    """Return the code points of which it holds; a line feed, which joins nothing, stands between the probes."""
    normalize, block, wanted = _normalize(), 4096, list(code_points)
    hits = {c for c in (0xA, 0xD) if holds(chr(c), normalize(probe(chr(c))))}
    rest = [c for c in wanted if c not in (0xA, 0xD)]
    for start in range(0, len(rest), block):
        part = rest[start : start + block]
        outs = normalize("\n".join(probe(chr(c)) for c in part)).split("\n")
        hits |= {c for c, out in zip(part, outs, strict=True) if holds(chr(c), out)}
    return hits


def _hangul(code_points: list[int]) -> bool:
    vowel = found(code_points, lambda c: f"{c}\u1161{ACCENT}", lambda c, out: out.endswith("VM"))
    trail = found(code_points, lambda c: f"{c}\u11a8{ACCENT}", lambda c, out: out.endswith("TM"))
    open_ones = {c for c in SYLLABLES if (c - SYLLABLES[0]) % 28 == 0}
    return (
        vowel - trail == set(LEADS)
        and vowel & trail == {*VOWELS} | open_ones
        and trail - vowel == {*TRAILS} | ({*SYLLABLES} - open_ones)
    )
