"""Small `tokenizer.json` of the kinds that embedders have, trained in a second, in the layouts of the real ones.

The layouts are those that transformers' own classes write (`models/*/tokenization_*.py`), and of older files as the hub has them:
XLM-RoBERTa (multilingual-e5, bge-m3), RoBERTa, ModernBERT, Qwen2 and 3, MPNet.
"""

import base64
import functools
import io
import json
from collections.abc import Callable
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from tests.gradle_bundle.models import WORD_PIECE
from tests.gradle_bundle.models import minilm as minilm_json
from tests.gradle_bundle.texts import examples
from tests.gradle_bundle.tokenizing import Place

#: Of each script a little, so that there is something to merge, and code.
SENTENCES = (
    "L'arbitre a-t-il le droit d'arrêter la pendule, même s'il n'y a pas eu de réclamation ? Où ça ? À l'échiquier n° 12.",
    "時計を止めてもよいですか。対局者は審判員を呼ぶときに時計を止めることができます。ルール第6条を見てください。",
    "ผู้เล่นสามารถหยุดนาฬิกาได้หรือไม่ กรรมการต้องตัดสินใจตามกฎข้อที่ 6 และแจ้งให้ผู้เล่นทราบ",
    "هل يمكن للاعب أن يوقف الساعة؟ يجب على الحكم أن يقرر وفقًا للمادة ٦ من القوانين.",
    "क्या खिलाड़ी घड़ी रोक सकता है? नियम ६ के अनुसार निर्णायक को फैसला करना चाहिए।",
    "선수가 시계를 멈출 수 있습니까? 심판은 규칙 6조에 따라 결정해야 합니다.",
    "Может ли игрок остановить часы? Судья решает по статье 6 правил.",
    "👍🏽 👩\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 🇫🇷 1\ufe0f\u20e3 ™ ﬁn ½ Ⅷ ｶﾞ ㌔ e\u0301 a\u0323\u0302",
    "def clock(self, seconds: int = 0) -> None:\n    if self.running and not seconds:\n        raise ValueError(f\"{seconds}s\")\n\treturn x[i+1:] != '\\n'",
    "SELECT id, text FROM chunks WHERE id IN (1, 22, 333, 4444) -- they're, we'll, I'VE, it'S, he'd, I'm\r\n\r\n   x",
)  # fmt: skip
QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|")


def corpus() -> list[str]:
    return [*(text[:2000] for text in examples()), *SENTENCES * 20]


def spoken() -> list[str]:
    """The sentences, and each of them from every place to every other one that is near."""
    return [
        *SENTENCES,
        *(text[at : at + size] for text in SENTENCES for at in range(len(text)) for size in (3, 9)),
    ]


@functools.cache
def _pieces() -> tuple[list[list], bytes]:
    """Return pieces with scores of a Unigram model as SentencePiece trains it, and its map of characters, XLM-R's `nmt_nfkc`."""
    stream = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=stream, minloglevel=2, model_type="unigram", vocab_size=1200,
        normalization_rule_name="nmt_nfkc", character_coverage=0.995, hard_vocab_limit=False,
    )  # fmt: skip
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(stream.getvalue())
    return [
        [p.piece, p.score] for p in proto.pieces if p.type == 1
    ], proto.normalizer_spec.precompiled_charsmap


def unigram() -> dict:
    """XLM-RoBERTa's: fairseq's order of the special tokens, `<mask>` last."""
    pieces, charsmap = _pieces()
    vocab = [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], *map(list, pieces), ["<mask>", 0.0]]
    special = {name: id_ for id_, (name, _) in enumerate(vocab) if id_ < 4 or name == "<mask>"}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [added(name, id_, lstrip=name == "<mask>") for name, id_ in special.items()],
        "normalizer": {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap).decode()},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace()]},
        "post_processor": template("<s>", 0, "</s>", 2), "decoder": metaspace(),
        "model": {"type": "Unigram", "unk_id": 3, "vocab": vocab, "byte_fallback": False},
    }  # fmt: skip


def newer_unigram() -> dict:
    """As transformers' SpmConverter writes other SentencePiece models: spaces are the normalizer's."""
    row = unigram()
    strip = {"type": "Strip", "strip_left": False, "strip_right": True}
    spaces = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}
    row["normalizer"] = {"type": "Sequence", "normalizers": [row["normalizer"], strip, spaces]}
    row["pre_tokenizer"] = metaspace()
    return row


def older_unigram() -> dict:
    """Metaspace of tokenizers before 0.15, and no split."""
    row = unigram()
    row["pre_tokenizer"]["pretokenizers"][1] = {
        "type": "Metaspace",
        "replacement": "▁",
        "add_prefix_space": True,
    }
    return row


def whole_unigram() -> dict:
    """No part gets a space in front, none is cut at spaces; `normalized` tokens are found in what the map leaves."""
    row = unigram()
    row["pre_tokenizer"] = {**metaspace(), "prepend_scheme": "never", "split": False}
    row["added_tokens"] += [
        {**added("ﬁn½", 1300), "normalized": True, "special": False},
        {**added("the clock", 1301), "normalized": True, "lstrip": True},
    ]
    return renumbered(row)


def metaspace() -> dict:
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}


def added(name: str, id_: int, **on: bool) -> dict:
    off = {
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
        **on,
    }
    return {"id": id_, "content": name, **off}


def template(bos: str, bos_id: int, eos: str, eos_id: int) -> dict:
    tokens = {
        name: {"id": name, "ids": [id_], "tokens": [name]} for name, id_ in ((bos, bos_id), (eos, eos_id))
    }
    one = [
        {"SpecialToken": {"id": bos, "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": eos, "type_id": 0}},
    ]
    return {"type": "TemplateProcessing", "single": one, "pair": one, "special_tokens": tokens}


def renumbered(row: dict) -> dict:
    """Number added tokens that are not in the vocabulary as the library does: on from its end."""
    vocab = row["model"]["vocab"]
    names = set(vocab) if isinstance(vocab, dict) else {name for name, _ in vocab}
    free = len(vocab)
    for token in row["added_tokens"]:
        if token["content"] not in names:
            token["id"], free = free, free + 1
    return row


def byte_level(pre_tokenizer, normalizer=None, special: tuple[str, ...] = (), **settings) -> Tokenizer:
    """Train a byte-level BPE."""
    tokenizer = Tokenizer(models.BPE(**settings))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(
        vocab_size=1500, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False,
        special_tokens=list(special),
    )  # fmt: skip
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


@functools.cache
def _roberta(prefix: bool = False) -> str:
    names = ("<s>", "<pad>", "</s>", "<unk>")
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=prefix), special=names)
    tokenizer.add_special_tokens(
        [
            *(AddedToken(n, normalized=True, special=True) for n in names),
            AddedToken("<mask>", lstrip=True, special=True),
        ]
    )
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=prefix, trim_offsets=True
    )
    return tokenizer.to_str()


@functools.cache
def _modernbert() -> str:
    tokenizer = byte_level(
        pre_tokenizers.ByteLevel(add_prefix_space=False),
        normalizers.NFC(),
        ("|||IP_ADDRESS|||", "<|padding|>"),
    )
    runs = [AddedToken(" " * n, normalized=True, special=False) for n in range(24, 1, -1)]
    unused = [AddedToken(f"[unused{n}]", normalized=True, special=False) for n in range(3)]
    named = [
        AddedToken(f"[{name}]", special=True, lstrip=name == "MASK")
        for name in ("UNK", "CLS", "SEP", "PAD", "MASK")
    ]
    tokenizer.add_tokens(
        [*runs, *(AddedToken(f"|||{n}|||", normalized=True) for n in ("EMAIL_ADDRESS", "PHONE_NUMBER"))]
    )
    tokenizer.add_special_tokens(named)
    tokenizer.add_tokens(unused)
    row = json.loads(tokenizer.to_str())
    row["post_processor"] = template(
        "[CLS]", tokenizer.token_to_id("[CLS]"), "[SEP]", tokenizer.token_to_id("[SEP]")
    )
    return json.dumps(row)


@functools.cache
def _qwen(pattern: str) -> str:
    """Qwen3-Embedding's: `<|endoftext|>` behind each text, after a post-processor that does nothing."""
    cut = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer = byte_level(cut, normalizers.NFC(), continuing_subword_prefix="", end_of_word_suffix="")
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens(
        [AddedToken(name, special=False, normalized=False) for name in ("<think>", "</think>", "<tool_call>")]
    )
    row = json.loads(tokenizer.to_str())
    end = template("", 0, "<|endoftext|>", tokenizer.token_to_id("<|endoftext|>"))
    end["single"], end["pair"] = end["single"][1:], end["pair"][1:]
    del end["special_tokens"][""]
    nothing = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    row["post_processor"] = {"type": "Sequence", "processors": [nothing, end]}
    return json.dumps(row)


def merges_as_strings(row: dict) -> dict:
    """As tokenizers before 0.20 wrote merges."""
    row["model"]["merges"] = [" ".join(pair) for pair in row["model"]["merges"]]
    return row


def mpnet() -> dict:
    """MiniLM's vocabulary with MPNet's special tokens: some of them are found in the normalised text, and `<mask>` takes the space."""
    row = minilm_json()
    vocab = {"<s>": 0, "<pad>": 1, "</s>": 2}
    for name in row["model"]["vocab"]:
        vocab.setdefault(name, len(vocab))
    vocab["<mask>"] = len(vocab)
    row["model"]["vocab"] = vocab
    row["added_tokens"] = [
        *({**added(name, vocab[name]), "normalized": True} for name in ("<s>", "<pad>", "</s>")),
        added("[UNK]", vocab["[UNK]"]),
        added("<mask>", vocab["<mask>"], lstrip=True),
    ]
    row["post_processor"] = {
        "type": "RobertaProcessing",
        "sep": ["</s>", 2],
        "cls": ["<s>", 0],
        "trim_offsets": True,
        "add_prefix_space": False,
    }
    return row


#: Name -> what makes the content of a tokenizer.json.
KINDS: dict[str, Callable[[], dict]] = {
    "xlm-roberta": unigram,
    "sentencepiece converted": newer_unigram,
    "older metaspace": older_unigram,
    "unigram in one": whole_unigram,
    "roberta": lambda: json.loads(_roberta()),
    "roberta with a space": lambda: merges_as_strings(json.loads(_roberta(True))),
    "modernbert": lambda: json.loads(_modernbert()),
    "qwen": lambda: json.loads(_qwen(QWEN2)),
    "llama3": lambda: json.loads(_qwen(LLAMA3)),
    "mpnet": mpnet,
}


def place(folder: Path, row: dict) -> Place:
    """Write a tokenizer.json."""
    folder.mkdir(parents=True)
    (folder / WORD_PIECE.file).write_text(json.dumps(row), "utf-8")
    return folder, WORD_PIECE
