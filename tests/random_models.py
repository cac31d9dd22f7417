"""Models of transformers' own classes with random weights, written as their authors' folders are."""

import json
from pathlib import Path

#: Ids of these models' vocabularies that stand for tokens.
TOKENS = range(5, 99)
SHARED = {"vocab_size": 99, "hidden_size": 48, "intermediate_size": 64, "num_attention_heads": 4, "max_position_embeddings": 512,
          "initializer_range": 0.3}  # fmt: skip


def modernbert(**other):
    from transformers import ModernBertConfig, ModernBertModel

    ids = {"pad_token_id": 3, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2}
    values = {**SHARED, **ids, "num_hidden_layers": 4, "local_attention": 16, **other}
    return ModernBertModel(ModernBertConfig(**values))


def qwen3(**other):
    from transformers import Qwen3Config, Qwen3Model

    values = {
        **SHARED,
        "num_hidden_layers": 3,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "rope_theta": 1e6,
        **other,
    }
    return Qwen3Model(Qwen3Config(**values))


def embedding_gemma2(**other):
    from transformers.models.embedding_gemma2 import EmbeddingGemma2TextConfig
    from transformers.models.embedding_gemma2.modeling_embedding_gemma2 import EmbeddingGemma2TextModel

    values = {**SHARED, "num_hidden_layers": 7, "num_key_value_heads": 2, "head_dim": 16, "global_head_dim": 32, "sliding_window": 16,
              "hidden_size_per_layer_input": 24, "embedding_dim": 40, **other}  # fmt: skip
    return EmbeddingGemma2TextModel(EmbeddingGemma2TextConfig(**values))


#: `model_type` -> what makes a tiny model of it; keywords change its configuration.
MAKERS = {"modernbert": modernbert, "qwen3": qwen3, "embedding_gemma2_text": embedding_gemma2}


def random_model(family: str, folder: Path, seed: int = 0, **other):
    """Write a tiny model of a family, and return it; norms and layer scalars are no ones, which would hide a fault."""
    import torch

    torch.manual_seed(seed)
    model = MAKERS[family](**other).eval()
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if "norm" in name:
                tensor.normal_(1, 0.3)
            if family == "embedding_gemma2_text" and "q_norm" in name:  # its scores are not scaled
                tensor.mul_(tensor.shape[0] ** -0.5)
            if "layer_scalar" in name:
                tensor.uniform_(0.5, 1.5)
    model.save_pretrained(folder)
    return model


def config_of(folder: Path) -> dict:
    return json.loads((folder / "config.json").read_text("utf-8"))


def edit_config(folder: Path, **values) -> Path:
    """Change a config.json; None takes a key out."""
    found = {**config_of(folder), **values}
    kept = {key: value for key, value in found.items() if value is not None}
    (folder / "config.json").write_text(json.dumps(kept), "utf-8")
    return folder
