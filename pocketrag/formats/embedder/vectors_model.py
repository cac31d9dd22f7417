"""The id of the model that made a database's vectors: `name-by-digest`.

Not the bundle's `model_id`, which names the model that asks. A question encoder that is trained anew changes
no vector, so nothing of it is in the database, and an app keeps the database that it has.
"""

from __future__ import annotations

from ..identity import DIGITS

#: What made the vectors where `export.documents` says so: the float model. Else it is a quantization's name.
FLOAT = "float"


def vectors_model_id(name: str, by: str, sha256: str) -> str:
    """Return the id of a model.

    Args:
        name: the recipe's. Its version has no part in it: the next version may keep the vectors.
        by: `FLOAT`, or the quantization of the `.tflite` that embedded the passages.
        sha256: 64 hex digits, of the float model's files or of that `.tflite`.

    """
    return f"{name}-{by}-{sha256[:DIGITS]}"
