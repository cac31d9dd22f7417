"""A tokenizer that is damaged, of another kind, or asks for what the Kotlin runtime lacks: a typed exception that says so."""

import base64
import json
import re
from pathlib import Path

import pytest

from pocketrag.formats.embedder.app_tokenizer_json import byte_letters
from pocketrag.formats.tokenizer import TokenizerSpec
from tests.gradle_bundle import grapheme_data, json_models, models
from tests.gradle_bundle.tokenizing import ask

pytestmark = pytest.mark.usefixtures("kotlin")
NORMAL, UNKNOWN, UNUSED, BYTE = 1, 2, 5, 6
UNIGRAM, WORD, CHAR = 1, 3, 4
CORRUPT, UNSUPPORTED = "CorruptTokenizerException", "UnsupportedTokenizerException"


def place(folder: Path, kind: str, content: bytes | None, file: str | None = None):
    """A folder with a file of any content, and a spec that the desktop's own checks need not accept."""
    folder.mkdir()
    name = file or {"sentencepiece": "tokenizer.model"}.get(kind, "tokenizer.json")
    if content is not None:
        (folder / name).write_bytes(content)
    return folder, TokenizerSpec.model_construct(kind=kind, file=name, bos=None, eos=None)


def refused(cases, make, tmp_path) -> None:
    """Open all at once; each must end in the exception that the case names, with its words in the message."""
    places = [make(tmp_path / str(n), change) for n, (change, _, _) in enumerate(cases)]
    said = ask("open", places).stdout.decode().rstrip("\n").split("\n")
    assert len(said) == len(cases)
    wrong = [
        (line, name, words)
        for line, (_, name, words) in zip(said, cases, strict=True)
        if not re.match(f"{name}: .*{words}", line)
    ]
    assert wrong == []


def test_unknown_kind_missing_file_and_a_path(tmp_path):
    cases = [
        (("tiktoken", None, None), "UnknownTokenizerException", '"tiktoken" is unknown; use the version'),
        (("sentencepiece", None, None), CORRUPT, "can't be read.*install the bundle again"),
        (("sentencepiece", None, "../0/tokenizer.model"), CORRUPT, "not the name of a file"),
        (("sentencepiece", None, ".."), CORRUPT, "not the name of a file"),
        (("sentencepiece", b"", None), CORRUPT, "cut off"),
        (("tokenizer.json", b"", None), CORRUPT, "no whole tokenizer.json"),
        (("tokenizer.json", b"\xff{}", None), CORRUPT, "not UTF-8"),
        (("tokenizer.json", b"[" * 200_000, None), CORRUPT, "nested too deeply"),
        (("sentencepiece", (models.MINILM[0] / "tokenizer.json").read_bytes(), None), CORRUPT, "no SentencePiece model"),
        (("tokenizer.json", models.train().SerializeToString(), None), CORRUPT, ""),
    ]  # fmt: skip
    refused(cases, lambda folder, case: place(folder, *case), tmp_path)


def test_a_huge_file_is_not_read(tmp_path):
    found = place(tmp_path / "huge", "sentencepiece", b"")
    with (found[0] / found[1].file).open("r+b") as file:
        file.truncate(1 << 30)
    assert b"too many for a tokenizer" in ask("open", [found], memory="64m").stdout


#: A change to MiniLM's tokenizer.json, and what is said.
JSON_CASES = [
    (lambda row: row["model"].update(type="WordLevel"), UNSUPPORTED, "the model type WordLevel"),
    (lambda row: row["model"].pop("type"), UNSUPPORTED, "the model type unnamed"),
    (lambda row: row.update(normalizer={"type": "NFKC"}), UNSUPPORTED, "the normalizer NFKC"),
    (lambda row: row.update(normalizer={"type": "Sequence", "normalizers": [{"type": "Nmt"}]}), UNSUPPORTED, "the normalizer Nmt"),
    (lambda row: row.update(normalizer={"type": "Replace", "pattern": {"String": "``"}, "content": "x"}), UNSUPPORTED, "Replace of"),
    (lambda row: row.update(pre_tokenizer={"type": "Whitespace"}), UNSUPPORTED, "the pre-tokenizer Whitespace"),
    (lambda row: row.update(pre_tokenizer=None), UNSUPPORTED, "the pre-tokenizer none"),
    (lambda row: row.update(post_processor={"type": "Other"}), UNSUPPORTED, "the post-processor Other"),
    (lambda row: row.update(post_processor={"type": "Sequence", "processors": [row["post_processor"]] * 2}), UNSUPPORTED, "a sequence of post-processors"),
    (lambda row: row["post_processor"]["single"].pop(1), UNSUPPORTED, "a template without one text"),
    (lambda row: row["added_tokens"][4].update(rstrip=True), UNSUPPORTED, r'rstrip for the added token "\[MASK\]"'),
    (lambda row: row["added_tokens"][4].update(single_word=True), UNSUPPORTED, "single_word for"),
    (lambda row: row["model"]["vocab"].pop("[UNK]"), CORRUPT, "UNK"),
    (lambda row: row["model"]["vocab"].update(the=-1), CORRUPT, "negative id -1"),
    (lambda row: row["model"]["vocab"].update(the="x"), CORRUPT, "the"),
    (lambda row: row["model"].update(vocab=[]), CORRUPT, "no whole tokenizer.json"),
    (lambda row: row["model"].pop("vocab"), CORRUPT, "no vocab"),
    (lambda row: row.pop("model"), CORRUPT, "model"),
    (lambda row: row.update(model=[]), CORRUPT, "model"),
    (lambda row: row["post_processor"].update(special_tokens={}), CORRUPT, "CLS"),
]  # fmt: skip
#: Kind of `json_models`, a change to it, and what is said.
KIND_CASES = [
    ("xlm-roberta", lambda row: row["model"].update(byte_fallback=True), UNSUPPORTED, "byte_fallback of the Unigram model"),
    ("xlm-roberta", lambda row: row["model"].update(unk_id=None), UNSUPPORTED, "without unk_id"),
    ("xlm-roberta", lambda row: row["pre_tokenizer"]["pretokenizers"].pop(), UNSUPPORTED, "the pre-tokenizer Sequence"),
    ("xlm-roberta", lambda row: row["pre_tokenizer"]["pretokenizers"][1].update(prepend_scheme="first"), UNSUPPORTED, "prepend_scheme first"),
    ("xlm-roberta", lambda row: row["model"].update(unk_id=5000), CORRUPT, "unk_id 5000"),
    ("xlm-roberta", lambda row: row["model"]["vocab"][7].__setitem__(1, "x"), CORRUPT, "no number"),
    ("xlm-roberta", lambda row: row["model"]["vocab"].append(row["model"]["vocab"][7]), CORRUPT, "twice"),
    ("xlm-roberta", lambda row: row["normalizer"].update(precompiled_charsmap="?"), CORRUPT, "not Base64"),
    ("xlm-roberta", lambda row: row["normalizer"].update(precompiled_charsmap="AAA="), CORRUPT, "cut off"),
    ("xlm-roberta", lambda row: row["normalizer"].update(precompiled_charsmap=row["normalizer"]["precompiled_charsmap"][:400]), CORRUPT, "cut off"),
    *(
        ("roberta", lambda row, name=name, value=value: row["model"].update({name: value}), UNSUPPORTED, f"{name} of the BPE model")
        for name, value in (("byte_fallback", True), ("ignore_merges", True), ("dropout", 0.1), ("unk_token", "<unk>"), ("end_of_word_suffix", "</w>"))
    ),
    ("roberta", lambda row: row.update(pre_tokenizer={"type": "Metaspace"}), UNSUPPORTED, "the pre-tokenizer Metaspace"),
    ("roberta", lambda row: row["model"]["merges"].append(["a", "\u0120the chess"]), CORRUPT, "not in the vocabulary"),
    ("roberta", lambda row: row["model"].pop("merges"), CORRUPT, "no merges"),
    ("qwen", lambda row: row["pre_tokenizer"]["pretokenizers"][0]["pattern"].update(Regex="x+"), UNSUPPORTED, r"with the pattern x\+"),
    ("qwen", lambda row: row["pre_tokenizer"]["pretokenizers"][0].update(behavior="Removed"), UNSUPPORTED, "the pre-tokenizer Split"),
    ("qwen", lambda row: row["pre_tokenizer"]["pretokenizers"][1].update(use_regex=True), UNSUPPORTED, "the pre-tokenizer Split"),
]  # fmt: skip


def changed_kind(kind, change) -> dict:
    row = json_models.KINDS[kind]()
    change(row)
    return row


def test_other_kinds_with_what_is_not_done_or_damaged(tmp_path):
    cases = [((kind, change), name, words) for kind, change, name, words in KIND_CASES]
    refused(
        cases,
        lambda folder, case: place(folder, "tokenizer.json", json.dumps(changed_kind(*case)).encode()),
        tmp_path,
    )


def test_a_tokenizer_json_of_another_kind_or_damaged(tmp_path):
    def make(folder, change):
        row = small_json()
        change(row)
        return place(folder, "tokenizer.json", json.dumps(row).encode())

    refused(JSON_CASES, make, tmp_path)


def small_json() -> dict:
    """MiniLM's, with a vocabulary of some dozen pieces."""
    row = models.minilm()
    special = [token["content"] for token in row["added_tokens"]]
    row["model"]["vocab"] = {
        name: id_
        for id_, name in enumerate([*special, "the", "king", "##s", "is", "on", "b", "##o", "?", "王"])
    }
    return row


def piece(proto, **values):
    return proto.pieces.add(**{"piece": "new", "score": 0.0, "type": NORMAL, **values})


#: A change to a SentencePiece model, and what is said.
MODEL_CASES = [
    (lambda m: setattr(m.trainer_spec, "model_type", UNIGRAM), UNSUPPORTED, "the model type Unigram"),
    (lambda m: setattr(m.trainer_spec, "model_type", WORD), UNSUPPORTED, "the model type Word"),
    (lambda m: setattr(m.trainer_spec, "model_type", CHAR), UNSUPPORTED, "the model type Char"),
    (lambda m: m.trainer_spec.ClearField("model_type"), UNSUPPORTED, "the model type Unigram"),
    (lambda m: m.ClearField("trainer_spec"), CORRUPT, "cut off"),
    (lambda m: m.ClearField("normalizer_spec"), CORRUPT, "cut off"),
    (lambda m: setattr(m.normalizer_spec, "precompiled_charsmap", b"\x04\0\0\0abcd"), UNSUPPORTED, "rewrites characters"),
    (lambda m: piece(m, type=UNUSED), UNSUPPORTED, "unused pieces"),
    (lambda m: piece(m, type=UNKNOWN), CORRUPT, "not one unknown piece"),
    (lambda m: m.ClearField("pieces"), CORRUPT, "not one unknown piece"),
    (lambda m: piece(m, piece=m.pieces[-1].piece), CORRUPT, "is there twice"),
    (lambda m: piece(m, piece=""), CORRUPT, "is empty"),
    (lambda m: piece(m, piece="x" * 40_000), CORRUPT, "a piece has 40000"),
    (lambda m: piece(m, score=float("nan")), CORRUPT, "no number"),
    (lambda m: piece(m, piece="<0x41>", type=BYTE), CORRUPT, "without byte fallback"),
    (lambda m: setattr(m.trainer_spec, "byte_fallback", True), CORRUPT, "the piece of byte 0 is missing"),
]  # fmt: skip


def test_a_sentencepiece_model_of_another_kind_or_damaged(tmp_path):
    def make(folder, change):
        proto = models.train()
        change(proto)
        return place(folder, "sentencepiece", proto.SerializeToString())

    refused(MODEL_CASES, make, tmp_path)


def bytes_cases():
    """Damage below what protobuf would write."""
    whole = models.train().SerializeToString()
    return [
        (b"\x0a\x04\x0a\x02\xff\xfe" + whole, CORRUPT, "a string is not UTF-8"),
        (b"\x0a\xff\xff\xff\xff\x0f" + whole, CORRUPT, "longer than the file"),
        (b"\x0a" + b"\xff" * 9 + b"\x01" + whole, CORRUPT, "longer than the file"),
        (b"\x80" * 11 + whole, CORRUPT, "more than ten bytes"),
        (b"\x00" + whole, CORRUPT, "a field has no number"),
        (b"\x0b" + whole, CORRUPT, "wire type 3"),
        (b"\x08\x01" + whole, CORRUPT, "field 1 has the wire type 0"),
        (b"\x0a\x02\x18\x09" + whole, CORRUPT, "is empty"),
        (b"\x0a\x05\x0a\x01x\x18\x09" + whole, CORRUPT, "has the type 9"),
    ]


def test_bytes_that_are_no_message(tmp_path):
    refused(bytes_cases(), lambda folder, content: place(folder, "sentencepiece", content), tmp_path)


def tiny(kind: str) -> bytes:
    """A kind's file with few pieces: of Unigram the first ones, of bytes their letters and the first merges."""
    row = json_models.KINDS[kind]()
    if kind == "xlm-roberta":
        row["model"]["vocab"] = row["model"]["vocab"][:20]
        row["normalizer"]["precompiled_charsmap"] = base64.b64encode(
            grapheme_data.charsmap({"a": "X", "é": "e"})
        ).decode()
    else:
        row["model"]["merges"] = row["model"]["merges"][:4]
        names = [*byte_letters(), *("".join(pair) for pair in row["model"]["merges"])]
        row["model"]["vocab"] = {name: id_ for id_, name in enumerate(names)}
    return json.dumps(row).encode()


@pytest.fixture
def both(tmp_path):
    model = place(tmp_path / "model", "sentencepiece", models.train(vocab_size=150).SerializeToString())
    others = [place(tmp_path / kind, "tokenizer.json", tiny(kind)) for kind in ("xlm-roberta", "qwen")]
    return [model, place(tmp_path / "json", "tokenizer.json", json.dumps(small_json()).encode()), *others]


def test_cut_off_at_every_byte(both):
    """All that a killed copy can leave; anything but a typed exception ends the process, and so the test."""
    said = ask("cut", both).stdout.decode().rstrip("\n").split("\n")
    assert len(said) == sum((folder / spec.file).stat().st_size for folder, spec in both)
    assert [line for line in said if not line.startswith((CORRUPT, UNSUPPORTED))] == []


def test_bytes_changed_at_random(both):
    """What still opens tokenizes without an error: its digest, not the tokenizer, tells that it is another."""
    said = ask("damage", both).stdout.decode().rstrip("\n").split("\n")
    kinds = {line.split(":")[0].split(" ")[0] for line in said}
    assert kinds == {CORRUPT, UNSUPPORTED, "opened"}
    assert len(said) == len(both) * 2000
