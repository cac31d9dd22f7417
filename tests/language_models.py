"""Tiny language models that answer chats: random weights, the real structures, tokenizers and chat templates of their kind."""

import json
from pathlib import Path

#: What their byte-level merges are learned from.
LINES = (
    "May I stop the clocks? The arbiter may stop them.", "How many days are in a week? There are seven.",
    "The passages do not say.", "Answer from the numbered passages: [1] A flag falls when the time is over.",
    "You are a helpful assistant. Question: what is the capital of France?",
)  # fmt: skip

CHATML = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
#: As Gemma's: it writes the start token itself, and has no turn for the system.
TURNS = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set first = messages[0]['content'] + '\\n\\n' %}"
    "{% set loop_messages = messages[1:] %}{% else %}{% set first = '' %}{% set loop_messages = messages %}{% endif %}"
    "{% for message in loop_messages %}{% if message['role'] == 'assistant' %}{% set role = 'model' %}"
    "{% else %}{% set role = message['role'] %}{% endif %}"
    "{{ '<start_of_turn>' + role + '\\n' + (first if loop.first else '') }}{{ message['content'] | trim }}"
    "{{ '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"
)


def write_qwen2(folder: Path, seed: int = 0) -> Path:
    """Write a Qwen2 as transformers saves it: ChatML, no start token, byte-level BPE."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    size = _tokenizer(folder, special, None, CHATML, eos="<|im_end|>", pad="<|endoftext|>")
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=size, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, bos_token_id=0, eos_token_id=[2, 0], pad_token_id=0,
        tie_word_embeddings=True, initializer_range=0.3,
    )  # fmt: skip
    return _save(folder, Qwen2ForCausalLM(config), {"eos_token_id": [2, 0], "pad_token_id": 0})


def write_gemma3(folder: Path, seed: int = 0) -> Path:
    """Write a Gemma 3 as transformers saves it: `<bos>` in the template and in the tokenizer, sliding and full attention."""
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig

    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    size = _tokenizer(folder, special, "<bos>", TURNS, eos="<eos>", pad="<pad>")
    torch.manual_seed(seed)
    config = Gemma3TextConfig(
        vocab_size=size, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=32, query_pre_attn_scalar=32, sliding_window=64,
        layer_types=["sliding_attention", "full_attention"], max_position_embeddings=512, initializer_range=0.3,
        pad_token_id=0, eos_token_id=[1, 5], bos_token_id=2,
    )  # fmt: skip
    settings = {"eos_token_id": [1, 5], "bos_token_id": 2, "pad_token_id": 0}
    return _save(folder, Gemma3ForCausalLM(config), settings)


def _tokenizer(
    folder: Path, special: list[str], bos: str | None, template: str, *, eos: str, pad: str
) -> int:
    """Write the tokenizer's files, and return how many tokens there are."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(LINES, trainer)
    if bos:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, special.index(bos))]
        )
    tokenizer.save(str(folder / "tokenizer.json"))
    said = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": eos,
        "pad_token": pad,
        "chat_template": template,
    }
    _dump(folder / "tokenizer_config.json", {**said, "bos_token": bos} if bos else said)
    return -(-tokenizer.get_vocab_size() // 32) * 32


def _save(folder: Path, model, settings: dict) -> Path:
    from transformers import GenerationConfig

    model.generation_config = GenerationConfig(**settings)
    model.save_pretrained(folder)
    return folder


def _dump(file: Path, values: dict) -> None:
    file.write_text(json.dumps(values), "utf-8")
