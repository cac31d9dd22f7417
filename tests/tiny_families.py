"""Tiny embedders of every family of BERT's kind: transformers' own classes with random weights, biases and norms included."""

import json
import shutil
from pathlib import Path

from tests.conftest import ACTS, PIECES

#: What stands first in each vocabulary: fairseq's families begin a text with 0 and pad with 1.
FAIRSEQ = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
BERT = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = (*PIECES, *ACTS, "the", "when", "is", "on", "what", "if", "meets", "and", "?")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
TEXTS = (
    "",
    "king",
    "the king moves when",
    "what is on the board if the rook 12 meets the bishop ?",
    "the clock stops on the board and the pawn is on 7 " * 3,
)
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}


def _config(family: str, vocabulary: int, positions: int, **changes):
    from transformers import AutoConfig

    numbers = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}
    own = {
        "bert": {**SIZES, "max_position_embeddings": positions},
        "e5": {**SIZES, "max_position_embeddings": positions, "pad_token_id": 0},
        "roberta": {**SIZES, **numbers, "type_vocab_size": 1, "max_position_embeddings": positions + 2},
        "xlm-roberta": {**SIZES, **numbers, "type_vocab_size": 1, "max_position_embeddings": positions + 2},
        "mpnet": {**SIZES, **numbers, "max_position_embeddings": positions + 2},
        "distilbert": {
            "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64, "max_position_embeddings": positions, "pad_token_id": 0,
        },
    }[family]  # fmt: skip
    kind = "bert" if family == "e5" else family
    return AutoConfig.for_model(kind, vocab_size=vocabulary, initializer_range=0.3, **{**own, **changes})


#: "e5" is a BERT as multilingual-e5-small is one: its configuration says padding 0, its tokenizer pads with 1.
FAMILIES = ("bert", "e5", "roberta", "xlm-roberta", "distilbert", "mpnet")
#: The id that each pads with.
PADS = {name: 0 if name in ("bert", "distilbert") else 1 for name in FAMILIES}


def make_family(
    folder: Path, family: str, seed: int = 0, pooling: str = "mean", dense: tuple = (), normalize: bool = True, tokens: int = 64,
    **changes,
) -> Path:  # fmt: skip
    """Write a SentenceTransformer folder.

    Args:
        folder: to be made.
        family: of `FAMILIES`.
        seed: of all random numbers.
        pooling: as SentenceTransformer calls it.
        dense: rows (outputs, bias, "tanh" or "identity") of the layers behind it.
        normalize: whether it ends with Normalize.
        tokens: the longest text.
        changes: of `config.json`.

    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense, Normalize, Pooling, Transformer
    from transformers import AutoModel

    inner = folder.with_name(folder.name + "-inner")
    inner.mkdir(parents=True)
    vocabulary = write_tokenizer(inner, FAIRSEQ if PADS[family] else BERT)
    torch.manual_seed(seed)
    model = AutoModel.from_config(_config(family, vocabulary, tokens, **changes)).eval()
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            tensor.normal_(1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0, 0.3)
    model.save_pretrained(inner)
    modules = [Transformer(str(inner), max_seq_length=tokens), Pooling(32, pooling_mode=pooling)]
    width = 32
    for outputs, bias, activation in dense:
        bent = torch.nn.Tanh() if activation == "tanh" else torch.nn.Identity()
        modules.append(Dense(width, outputs, bias=bias, activation_function=bent))
        torch.nn.init.normal_(modules[-1].linear.weight, 0, 0.3)
        if bias:
            torch.nn.init.normal_(modules[-1].linear.bias, 0, 0.3)
        width = outputs
    whole = SentenceTransformer(modules=[*modules, *([Normalize()] if normalize else [])])
    whole.save_pretrained(str(folder), safe_serialization=True)
    shutil.rmtree(inner)
    return folder


def write_tokenizer(folder: Path, special: tuple[str, ...]) -> int:
    """Write a WordPiece tokenizer that begins its vocabulary with these five; return how many tokens it has."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = [*special, *WORDS, *LETTERS, *(f"##{c}" for c in LETTERS)]
    ids = {word: id_ for id_, word in enumerate(words)}
    first, pad, last, unknown = (
        special[:4] if special == FAIRSEQ else (special[2], special[0], special[3], special[1])
    )
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=unknown))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, ids[first]), (last, ids[last])]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=unknown, pad_token=pad, cls_token=first, sep_token=last, mask_token=special[4],
        model_max_length=64, model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(folder)  # fmt: skip
    return len(words)


def edit_json(file: Path, **changes) -> None:
    """Change keys of a JSON file; None takes a key away."""
    found = {**json.loads(file.read_text("utf-8")), **changes}
    file.write_text(json.dumps({key: value for key, value in found.items() if value is not None}), "utf-8")
