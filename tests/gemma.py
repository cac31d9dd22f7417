"""A tiny EmbeddingGemma: random weights, but the real structure and a real SentencePiece BPE vocabulary in Gemma's layout."""

import io
import json
from pathlib import Path

IDENTITY = "torch.nn.modules.linear.Identity"
RUN = 5  # Gemma has runs of up to 31
USER_DEFINED = (
    "<mask>", "[multimodal]", *(f"<unused{n}>" for n in range(6)), "<start_of_turn>", "<end_of_turn>",
    *("\n" * n for n in range(1, RUN + 1)), *("▁" * n for n in range(2, RUN + 1)), "<table>", "</table>", "<h1>",
)  # fmt: skip
LAST = (
    *("\t" * n for n in range(1, RUN + 1)),
    "<unused6>",
    "<unused7>",
    "<start_of_image>",
    "<end_of_image>",
)
SPECIAL = (
    "<pad>",
    "<eos>",
    "<bos>",
    "<unk>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<start_of_image>",
    "<end_of_image>",
)
IMAGE = "<image_soft_token>"


def make_gemma(folder: Path, lines: list[str], pieces: int = 900, seed: int = 0, head: int = 16) -> Path:
    """Write a SentenceTransformer folder whose merges were learned from `lines`; three heads of `head` make its width."""
    import torch
    from safetensors.torch import save_file
    from transformers import Gemma3TextConfig, Gemma3TextModel

    folder.mkdir(parents=True)
    hidden = 3 * head
    model = sentencepiece_model(lines, pieces)
    (folder / "tokenizer.model").write_bytes(model.SerializeToString())
    write_tokenizer(folder, model)
    torch.manual_seed(seed)
    config = Gemma3TextConfig(
        vocab_size=len(model.pieces), hidden_size=hidden, intermediate_size=64, num_hidden_layers=2, num_attention_heads=3,
        num_key_value_heads=1, head_dim=head, query_pre_attn_scalar=head, sliding_window=64, use_bidirectional_attention=True,
        layer_types=["sliding_attention", "full_attention"], max_position_embeddings=128, initializer_range=0.3,
        pad_token_id=0, eos_token_id=1, bos_token_id=2,
    )  # fmt: skip
    Gemma3TextModel(config).save_pretrained(folder)
    modules = [
        ("Transformer", ""),
        ("Pooling", "1_Pooling"),
        ("Dense", "2_Dense"),
        ("Dense", "3_Dense"),
        ("Normalize", "4_Normalize"),
    ]
    rows = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(modules)
    ]
    dump(folder / "modules.json", rows)
    dump(folder / "sentence_bert_config.json", {"max_seq_length": 128, "do_lower_case": False})
    prompts = {"query": "task: search result | query: ", "document": "title: none | text: "}
    dump(folder / "config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": None})
    dump(
        folder / "1_Pooling" / "config.json",
        {"word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True, "include_prompt": True},
    )
    for number, inside, outside in ((2, hidden, 2 * hidden), (3, 2 * hidden, hidden)):
        values = {
            "in_features": inside,
            "out_features": outside,
            "bias": False,
            "activation_function": IDENTITY,
        }
        dump(folder / f"{number}_Dense" / "config.json", values)
        weight = torch.randn(outside, inside) / inside**0.5
        save_file(
            {"linear.weight": weight},
            folder / f"{number}_Dense" / "model.safetensors",
            metadata={"format": "pt"},
        )
    return folder


def sentencepiece_model(lines: list[str], pieces: int):
    """Train BPE with Gemma's settings, then put its special pieces where Gemma has them."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    stream = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=stream, model_type="bpe", vocab_size=pieces, byte_fallback=True,
        normalization_rule_name="identity", add_dummy_prefix=False, remove_extra_whitespaces=False, split_by_whitespace=False,
        split_digits=True, allow_whitespace_only_pieces=True, character_coverage=1.0, hard_vocab_limit=False, minloglevel=2,
        pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>", unk_piece="<unk>",
    )  # fmt: skip
    trained = sentencepiece_model_pb2.ModelProto()
    trained.ParseFromString(stream.getvalue())
    rows = [(p.piece, p.type, p.score) for p in trained.pieces if "▁▁" not in p.piece]
    head, rest = rows[:4], rows[4:]
    rows = [*head, *((piece, 4, 0.0) for piece in USER_DEFINED), *rest, *((piece, 4, 0.0) for piece in LAST)]
    del trained.pieces[:]
    for piece, kind, score in rows:
        trained.pieces.add(piece=piece, type=kind, score=score)
    trained.trainer_spec.vocab_size = len(rows)
    return trained


def write_tokenizer(folder: Path, model) -> None:
    """Write what transformers reads, as EmbeddingGemma has it: all merges there are, and an image token without a row."""
    vocab = {p.piece: i for i, p in enumerate(model.pieces)}
    runs = sorted(
        (name for name in vocab if len(name) > 1 and len(set(name)) == 1 and name[0] in "\n\t▁"),
        key=len,
        reverse=True,
    )
    normal = sorted((p for p in model.pieces if p.type == 1), key=lambda p: -p.score)
    merges = []
    for name in [*runs, *(p.piece for p in normal)]:
        pairs = [(name[:k], name[k:]) for k in range(1, len(name)) if name[:k] in vocab and name[k:] in vocab]
        merges += sorted(pairs, key=lambda pair: (vocab[pair[0]], vocab[pair[1]]))
    special = (*SPECIAL, IMAGE)
    names = [*(p.piece for p in model.pieces if p.type in (2, 3, 4)), IMAGE]
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    added = {
        vocab.get(name, len(vocab)): {"content": name, **flags, "special": name in special} for name in names
    }
    template = [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<eos>", "type_id": 0}}]  # fmt: skip
    dump(folder / "tokenizer.json", {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": id_, **row} for id_, row in added.items()],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
        "post_processor": {"type": "TemplateProcessing", "single": template, "pair": template, "special_tokens": {
            name: {"id": name, "ids": [vocab[name]], "tokens": [name]} for name in ("<bos>", "<eos>")}},
        "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]},
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": True, "byte_fallback": True, "ignore_merges": False, "vocab": vocab, "merges": merges},
    })  # fmt: skip
    images = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": IMAGE}
    named = {f"{name}_token": f"<{name}>" for name in ("bos", "eos", "pad", "unk")}
    dump(folder / "tokenizer_config.json", {
        "added_tokens_decoder": {str(id_): row for id_, row in added.items()}, "add_bos_token": True, "add_eos_token": True, **named,
        **images, "extra_special_tokens": images, "tokenizer_class": "GemmaTokenizer", "model_max_length": 128, "padding_side": "right",
        "clean_up_tokenization_spaces": False,
    })  # fmt: skip
    dump(
        folder / "special_tokens_map.json",
        {**{key: {"content": name, **flags} for key, name in named.items()}, **images},
    )
    dump(folder / "added_tokens.json", {IMAGE: len(vocab)})


def dump(file: Path, value) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
