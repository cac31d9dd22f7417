"""A model of facts as far as it is there.

Reports come from other machines and other versions, which measured less or more.
"""

from __future__ import annotations

from functools import cache, reduce
from inspect import isclass
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from pocketrag.formats.facts.base import Facts
from pocketrag.formats.facts.phone.prediction import PredictedTime

F = TypeVar("F", bound=Facts)

#: Without these a row says nothing, so they are needed all the same.
NEEDED: dict[type[Facts], frozenset[str]] = {PredictedTime: frozenset({"device", "ms"})}


@cache
def partial(model: type[F]) -> type[F]:
    """Return the model with nothing needed.

    What is missing is None, or empty where it is a list, a table or a block.

    Keys and words that the model does not know are no error either; all else keeps to the model. To mypy it
    is the model itself: what shows it must expect None.
    """
    needed = NEEDED.get(model, frozenset())
    fields: dict[str, Any] = {
        name: _optional(field) for name, field in model.model_fields.items() if name not in needed
    }
    return create_model(
        f"Partial{model.__name__}",
        __base__=model,
        __module__=__name__,
        __cls_kwargs__={"extra": "ignore"},
        **fields,
    )


def _optional(field: FieldInfo) -> tuple[Any, Any]:
    # A field's type, with the constraints that pydantic keeps beside it, and its default.
    kind = _partial(field.annotation)
    empty = _empty(kind)
    for constraint in field.metadata:
        kind = Annotated[kind, constraint]
    return (kind | None, None) if empty is None else (kind, Field(default_factory=empty))


def _empty(kind: Any) -> Any:  # noqa: ANN401 - a type, and what makes an empty one of it
    if isclass(kind) and issubclass(kind, Facts):
        return kind
    origin = get_origin(kind)
    return origin if origin is dict or (origin is tuple and Ellipsis in get_args(kind)) else None


def _partial(kind: Any) -> Any:  # noqa: ANN401 - a type, and the same of partial models
    if isclass(kind) and issubclass(kind, Facts):
        return partial(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return str
    if origin is Annotated:
        return Annotated.__class_getitem__((_partial(arguments[0]), *arguments[1:]))
    if origin in (Union, UnionType):
        return reduce(or_, map(_partial, arguments))
    return origin[tuple(map(_partial, arguments))] if origin in (dict, tuple) else kind
