"""An encoder in the two parts that EmbeddingEngine runs: the table's rows of tokens, and all behind them.

The engine looks each token up by itself, puts row 0 where a text is shorter than the signature, and says in
a mask which positions hold a token (LiteRT-LM, runtime/executor/embedding_litert_compiled_model_executor.cc
and runtime/components/embedding_lookup/embedding_lookup_text.cc). It finds inputs by these names.
"""

from __future__ import annotations

from torch import Tensor, nn

from ..model.encoder import Encoder

#: What the module of the table is called within an `Encoder`.
TABLE = "transformer.table"
#: Names of inputs and signatures that the engine looks for.
ROWS, MASK = "embeddings", "input_mask"
TOKEN, TEXT = "embedder", "encoder_{length}"


class TokenRows(nn.Module):
    """The table: a token's id int32 [1, 1] in, its row float32 [1, 1, hidden] out."""

    def __init__(self, encoder: Encoder) -> None:
        """Take an encoder's table."""
        super().__init__()
        self.table: nn.Module = encoder.transformer.table  # type: ignore[assignment]

    def forward(self, ids: Tensor) -> Tensor:
        """Look the token up."""
        rows: Tensor = self.table(ids)
        return rows


class BehindRows(nn.Module):
    """All else: rows float32 [1, L, hidden] and mask float32 [1, L] in, unit vector float32 [1, dims] out."""

    def __init__(self, encoder: Encoder) -> None:
        """Take an encoder, whose table goes: rows pass through the identity in its place.

        A transformer reads of its ids their number, and their rows through its table.
        """
        super().__init__()
        self.encoder = encoder
        encoder.transformer.table = nn.Identity()

    def forward(self, embeddings: Tensor, input_mask: Tensor) -> Tensor:
        """Embed a text by its rows; the mask is 1 for a token and 0 for padding."""
        mask = input_mask[0]
        return self.encoder.pool(self.encoder.transformer(embeddings, mask), mask)
