"""Types of values that several tables of a recipe share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from pocketrag.errors import InputError

from .quantization import quantization


def _rising(value: object) -> object:
    if isinstance(value, tuple):
        return value
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(one, int) for one in value)
        or sorted(set(value)) != value
    ):
        raise ValueError("must be a rising list of token counts, such as [32, 64, 128, 256]")
    return tuple(value)


def _known(value: str) -> str:
    try:
        quantization(value)
    except InputError as error:
        raise ValueError(str(error)) from None
    return value


#: Tokens of each signature of a model.
Lengths = Annotated[tuple[Annotated[int, Field(ge=8, le=2048)], ...], BeforeValidator(_rising)]
#: A name or code of pocketrag/recipe/quantization.py.
QuantizationName = Annotated[str, AfterValidator(_known)]
