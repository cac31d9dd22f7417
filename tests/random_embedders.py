"""Whole SentenceTransformer folders of random models (tests/random_models.py), with tokenizers laid out as the real ones."""

from pathlib import Path

from tests.gemma import dump, sentencepiece_model, write_tokenizer
from tests.random_models import edit_config, random_model

#: Qwen's pattern for what no merge crosses.
QWEN_PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
INSTRUCTION = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
PROMPTS = {
    "modernbert": {},
    "qwen3": {"query": INSTRUCTION, "document": ""},
    "embedding_gemma2_text": {"query": "task: search result | query: ", "document": "title: none | text: "},
}


def make_embedder(family: str, folder: Path, lines: list[str], pooling: str = "mean", seed: int = 0, **other) -> Path:  # fmt: skip
    """Write a SentenceTransformer folder of a family whose tokenizer was learned from `lines`; keywords change its config.json."""
    folder.mkdir(parents=True)
    tokens, ids = TOKENIZERS[family](folder, lines)
    random_model(
        family, folder, seed, **{"vocab_size": tokens, "max_position_embeddings": 128, **ids, **other}
    )
    edit_config(folder, **ids)
    modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    rows = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(modules)
    ]
    dump(folder / "modules.json", rows)
    dump(folder / "sentence_bert_config.json", {"max_seq_length": 128, "do_lower_case": False})
    prompts = {"prompts": PROMPTS[family], "default_prompt_name": None, "similarity_fn_name": "cosine"}
    dump(folder / "config_sentence_transformers.json", prompts)
    mode = f"pooling_mode_{ {'mean': 'mean_tokens', 'cls': 'cls_token', 'lasttoken': 'lasttoken'}[pooling] }"
    dump(
        folder / "1_Pooling" / "config.json",
        {"word_embedding_dimension": 48, mode: True, "include_prompt": True},
    )
    return folder


def _byte_level(lines, last, pattern=None, size=330):
    """A byte-level BPE whose named tokens stand behind all others, as ModernBERT's and Qwen's do."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        trainers,
    )

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pattern is None)
    split = [pre_tokenizers.Split(Regex(pattern), "isolated")] if pattern else []
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*split, level]) if split else level
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in last])
    return tokenizer


def _modernbert(folder, lines):
    from tokenizers import processors

    named = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    tokenizer = _byte_level(lines, named)
    places = {name: tokenizer.token_to_id(name) for name in named}
    around = [(name, places[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", around
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    roles = {f"{role}_token": f"[{role.upper()}]" for role in ("cls", "sep", "pad", "mask", "unk")}
    _settings(folder, roles)
    cls, sep = places["[CLS]"], places["[SEP]"]
    ids = {
        "pad_token_id": places["[PAD]"],
        "bos_token_id": cls,
        "cls_token_id": cls,
        "eos_token_id": sep,
        "sep_token_id": sep,
    }
    return tokenizer.get_vocab_size(), ids


def _qwen3(folder, lines):
    """Qwen3-Embedding ends a text with the token that also pads."""
    from tokenizers import processors

    end, turn = "<|endoftext|>", "<|im_end|>"
    tokenizer = _byte_level(lines, [end, "<|im_start|>", turn], QWEN_PATTERN)
    place = tokenizer.token_to_id(end)
    tokenizer.post_processor = processors.TemplateProcessing(
        f"$A {end}", f"$A {end} $B {end}", [(end, place)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    _settings(folder, {"eos_token": turn, "pad_token": end})
    return tokenizer.get_vocab_size(), {"bos_token_id": place, "eos_token_id": place}


def _gemma(folder, lines):
    model = sentencepiece_model(lines, 330)
    (folder / "tokenizer.model").write_bytes(model.SerializeToString())
    write_tokenizer(folder, model)
    return len(model.pieces), {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}


def _settings(folder, roles):
    values = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 128, "padding_side": "right",
              "clean_up_tokenization_spaces": False, **roles}  # fmt: skip
    dump(folder / "tokenizer_config.json", values)


TOKENIZERS = {"modernbert": _modernbert, "qwen3": _qwen3, "embedding_gemma2_text": _gemma}


def make_whole_gemma2(folder: Path, lines: list[str]) -> Path:
    """EmbeddingGemma 2 with a tower that sees, beside the one for texts: the same vectors of texts, with other names of weights."""
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import AutoConfig
    from transformers.models.embedding_gemma2 import EmbeddingGemma2Config
    from transformers.models.embedding_gemma2.modeling_embedding_gemma2 import EmbeddingGemma2Model

    make_embedder("embedding_gemma2_text", folder, lines)
    text = AutoConfig.from_pretrained(folder)
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
              "head_dim": 8, "global_head_dim": 8}  # fmt: skip
    torch.manual_seed(1)
    ids = {
        f"{kind}_token_id": place
        for place, kind in enumerate(("boi", "eoi", "image", "video", "boa", "audio"), 4)
    }
    config = EmbeddingGemma2Config(
        text_config=text, vision_config={"model_type": "gemma4_vision", **vision}, **ids, eoa_token_index=10
    )
    whole = EmbeddingGemma2Model(config).eval()
    tower = load_file(folder / "model.safetensors")
    whole.language_model.load_state_dict(tower, strict=False)
    (folder / "model.safetensors").unlink()
    whole.save_pretrained(folder)
    stored = load_file(folder / "model.safetensors")
    assert any(name.startswith("vision_tower.") for name in stored)
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    return folder
