"""Which `tokenizer.json` the app's runtime reads, setting by setting.

WordPiece behind BertPreTokenizer; Unigram behind Metaspace, as SentencePiece's models are converted; BPE
over bytes. The same rows stand in Kotlin (`TokenModels.kt`, `TokenizerJson.kt`) and in the page
(`tokenizer-json.js`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
#: The pattern of Qwen2 and 3, which cuts digits one by one, and Llama 3's, which takes three.
QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+"
)
PATTERNS = frozenset({QWEN2, QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|")})
#: What SentencePiece's converters have replaced, and nothing else is.
SPACES = " {2,}"
#: Settings of an added token that the runtime does not know.
ODD_ADDED = ("single_word", "rstrip")
#: Settings of a BPE model that it does not know.
ODD_BPE = (
    *("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"),
    *("byte_fallback", "ignore_merges"),
)
#: Normalizers that need no further look.
PLAIN_NORMALIZERS = frozenset({"BertNormalizer", "NFC", "Precompiled", "Strip"})


def json_lacks(whole: Json) -> Iterator[str]:
    """Yield what a parsed `tokenizer.json` asks for and the app's runtime does not have."""
    model = whole.get("model") or {}
    read = MODELS.get(model.get("type", "unnamed"))
    yield from read(model, whole) if read else (f"the model type {model.get('type', 'unnamed')}",)
    yield from _normalizer(whole.get("normalizer"))
    yield from _post_processor(whole.get("post_processor"))
    vocabulary = model.get("vocab") or {}
    names = vocabulary if isinstance(vocabulary, dict) else [piece for piece, _ in vocabulary]
    yield from _added(whole.get("added_tokens", ()), frozenset(names))


def _word_piece(model: Json, whole: Json) -> Iterator[str]:
    if (found := _type(whole.get("pre_tokenizer"))) != "BertPreTokenizer":
        yield f"the pre-tokenizer {found}"


def _unigram(model: Json, whole: Json) -> Iterator[str]:
    if model.get("byte_fallback"):
        yield "byte_fallback of the Unigram model"
    if model.get("unk_id") is None:
        yield "a Unigram model without unk_id"
    steps = _steps(whole.get("pre_tokenizer"))
    if [_type(step) for step in steps] not in (["Metaspace"], ["WhitespaceSplit", "Metaspace"]):
        yield f"the pre-tokenizer {_named(whole, steps)}"
    elif (scheme := steps[-1].get("prepend_scheme")) == "first" or len(steps[-1].get("replacement", "")) != 1:
        yield f"Metaspace with prepend_scheme {scheme}"


def _byte_level(model: Json, whole: Json) -> Iterator[str]:
    yield from (f"{name} of the BPE model" for name in ODD_BPE if model.get(name) not in (None, False, ""))
    steps = _steps(whole.get("pre_tokenizer"))
    kinds = [_type(step) for step in steps]
    if kinds not in (["ByteLevel"], ["Split", "ByteLevel"]):
        yield f"the pre-tokenizer {_named(whole, steps)}"
    elif len(steps) == 2 and not _known(*steps):
        yield f"the pre-tokenizer Split with the pattern {(steps[0].get('pattern') or {}).get('Regex')}"
    missing = set(byte_letters()) - set(model.get("vocab") or ())
    if missing:
        yield f"a vocabulary without {len(missing)} of the 256 bytes"


def _known(split: Json, level: Json) -> bool:
    plain = split.get("behavior") == "Isolated" and not split.get("invert")
    alone = not level.get("use_regex", True) and not level.get("add_prefix_space")
    return plain and alone and (split.get("pattern") or {}).get("Regex") in PATTERNS


def byte_letters() -> list[str]:
    """Return the letter that stands for each byte in a byte-level vocabulary.

    Bytes that are no visible letters of Latin-1 are written as U+0100 and on, in their order (GPT-2's
    `bytes_to_unicode`, https://github.com/openai/gpt-2/blob/master/src/encoder.py).
    """
    visible = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in visible else next(others)) for byte in range(256)]


def _normalizer(settings: Json | None) -> Iterator[str]:
    kind = _type(settings)
    if settings is None or kind in PLAIN_NORMALIZERS:
        return
    if kind == "Sequence":
        for step in settings.get("normalizers", ()):
            yield from _normalizer(step)
    elif kind != "Replace":
        yield f"the normalizer {kind}"
    elif settings.get("pattern") != {"Regex": SPACES}:
        yield f"the normalizer Replace of {settings.get('pattern')}"


def _post_processor(processor: Json | None) -> Iterator[str]:
    kind = _type(processor)
    if processor is None or kind in ("BertProcessing", "RobertaProcessing", "ByteLevel"):
        return
    if kind == "Sequence":
        steps = [step for step in processor.get("processors", ()) if _type(step) != "ByteLevel"]
        if len(steps) > 1:
            yield "a sequence of post-processors"
        else:
            yield from _post_processor(steps[0] if steps else None)
    elif kind != "TemplateProcessing":
        yield f"the post-processor {kind}"
    elif sum("Sequence" in part for part in processor.get("single", ())) != 1:
        yield "a template without one text"


def _added(tokens: Any, vocabulary: frozenset[str]) -> Iterator[str]:  # noqa: ANN401 - JSON is any
    free = len(vocabulary)
    for token in tokens:
        name = token.get("content")
        yield from (f"{odd} of the added token {name!r}" for odd in ODD_ADDED if token.get(odd))
        if name in vocabulary:
            continue
        # The library numbers those that its vocabulary lacks on from its end, whatever the file says.
        if token.get("id") != free:
            yield f"the id {token.get('id')} of the added token {name!r}, which is {free}"
        free += 1


def _steps(part: Json | None) -> list[Json]:
    if part is None:
        return []
    return list(part.get("pretokenizers", ())) if _type(part) == "Sequence" else [part]


def _named(whole: Json, steps: list[Json]) -> str:
    kinds = ", ".join(_type(step) for step in steps)
    return f"Sequence of {kinds}" if _type(whole.get("pre_tokenizer")) == "Sequence" else kinds or "none"


def _type(part: Json | None) -> str:
    return str((part or {}).get("type", "none"))


MODELS: dict[str, Callable[[Json, Json], Iterator[str]]] = {
    "WordPiece": _word_piece,
    "Unigram": _unigram,
    "BPE": _byte_level,
}
