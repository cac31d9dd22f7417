"""A smaller embedder than the tiny BERT that another tokenizer reads, and that is near to it: a start for a student."""

import json
import tempfile
from pathlib import Path

import torch
from pocketrag.training.students.start_of_layers import start_of_layers

from pocketrag.reference import float_model
from pocketrag.reference.save_model import save_like

#: BERT's special tokens stand first.
SPECIAL = 5


def make_other_bert(folder: Path, base: Path, layer: int = 1) -> Path:
    """One layer of a BERT, 28 of its dims, and its vocabulary in the opposite order."""
    from safetensors.torch import load_file, save_file

    with tempfile.TemporaryDirectory() as aside:
        start_of_layers(base, (layer,), Path(aside, "sliced"), "layers")
        _with_fewer_dims(Path(aside, "sliced"), 28, folder)
    file = folder / "tokenizer.json"
    tokenizer = json.loads(file.read_text())
    vocabulary = tokenizer["model"]["vocab"]
    last = len(vocabulary) - 1
    places = [id_ if id_ < SPECIAL else last + SPECIAL - id_ for id_ in range(last + 1)]
    tokenizer["model"]["vocab"] = {token: places[id_] for token, id_ in vocabulary.items()}
    file.write_text(json.dumps(tokenizer))
    for other in folder.glob("vocab*"):
        other.unlink()
    weights = load_file(folder / "model.safetensors")
    for name in [name for name in weights if name.endswith("word_embeddings.weight")]:
        weights[name] = weights[name][places].contiguous()  # the order is its own inverse
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _with_fewer_dims(sliced: Path, dims: int, out: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize

    transformer, pooling, *_ = float_model.load_float(sliced)
    first = torch.eye(transformer.get_embedding_dimension())[:dims].clone()
    dense = Dense(
        first.shape[1], dims, bias=False, activation_function=torch.nn.Identity(), init_weight=first
    )
    save_like(SentenceTransformer(modules=[transformer, pooling, dense, Normalize()]), sliced, out)
