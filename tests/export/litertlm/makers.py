"""A tiny embedder with random weights of each family that a `.litertlm` is written of."""

from tests.conftest import make_bert
from tests.gemma import make_gemma
from tests.random_embedders import make_embedder
from tests.tiny_families import make_family

LINES = ["the king moves one square", "the rook moves along files and ranks"] * 20
MAKERS = {
    "bert": make_bert,
    "distilbert": lambda folder: make_family(folder, "distilbert"),
    "gemma3_text": lambda folder: make_gemma(folder, LINES, 330),
    "modernbert": lambda folder: make_embedder("modernbert", folder, LINES),
    "mpnet": lambda folder: make_family(folder, "mpnet"),
    "qwen3": lambda folder: make_embedder("qwen3", folder, LINES, pooling="lasttoken"),
    "roberta": lambda folder: make_family(folder, "roberta"),
    "xlm-roberta": lambda folder: make_family(folder, "xlm-roberta"),
}
