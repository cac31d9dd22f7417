"""What all facts keep to: typed, frozen, no unknown key, and the same JSON computed or read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from pocketrag.errors import InputError

#: Any JSON object: for what others define, such as a passage's metadata.
JsonObject = dict[str, JsonValue]
#: How passages are ranked.
Mode = Literal["dense", "bm25", "hybrid"]
#: Which model: the tuned one, or the base that it was tuned from.
Source = Literal["tuned", "base"]
#: Far beyond anything measured; the arithmetic of pictures still holds.
FAR = 1e15


def _finite(value: object) -> object:
    # JSON has no NaN. A number that came out as one is unknown.
    return None if isinstance(value, float) and not math.isfinite(value) else value


Count = Annotated[int, Field(ge=0, le=10**15)]
#: Digests are 64 hex digits.
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[float, Field(ge=-FAR, le=FAR)]
#: Null where it was NaN or infinite.
NumberOrNone = Annotated[Number | None, BeforeValidator(_finite)]
#: A time or a size.
Amount = Annotated[float, Field(ge=0, le=FAR)]
#: A mean of values from 0 to 1, or of cosines.
Score = Annotated[float, Field(ge=-1, le=1)]
#: float32 may round the cosine of equal vectors a little beyond 1. Null where a vector was not finite.
CosineOrNone = Annotated[Annotated[float, Field(ge=-1.001, le=1.001)] | None, BeforeValidator(_finite)]
#: Ends of a 95 % interval.
Interval = tuple[Number, Number]
#: Tokens of one signature of the model.
Length = Annotated[int, Field(ge=1, le=1_000_000)]

T = TypeVar("T", bound="Facts")
P = TypeVar("P", bound="StageFacts")
M = TypeVar("M", bound=BaseModel)


def or_nan(value: float | None) -> float:
    """Return a number that may be null as one that can be compared: NaN keeps to no limit."""
    return math.nan if value is None else value


def json_name(name: str) -> str:
    """Return a field's key in JSON: `ndcg_10` is `ndcg@10`, and `for_` is `for`."""
    return re.sub(r"_(\d+)$", r"@\1", name).rstrip("_")


def as_json(found: Facts | Mapping[str, object]) -> JsonObject:
    """Return facts, or facts by name, as JSON values."""
    if isinstance(found, Facts):
        return found.as_json()
    return {key: _json_value(value) for key, value in found.items()}


def _json_value(value: object) -> JsonValue:
    return as_json(value) if isinstance(value, Facts | Mapping) else value  # type: ignore[return-value]


def validated(kind: type[M], values: object, where: str, whole: str) -> M:
    """Read the JSON value of a model.

    Args:
        kind: the model.
        values: as they were read.
        where: they stand, for messages; may be empty.
        whole: what messages call all of it.

    Raises:
        InputError: a key is missing, unknown or of another type.

    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or whole
        raise InputError(f"{where}{': ' if where else ''}`{key}`: {first['msg']}.") from None


class Facts(BaseModel):
    """Something that was found out. A field with a default may be absent; a field without one never is.

    Keys stand in JSON in the order of the fields. Of several bases, the fields of the last one come first.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        alias_generator=json_name,
        allow_inf_nan=False,
        protected_namespaces=(),
        use_attribute_docstrings=True,
    )

    def as_json(self) -> dict[str, JsonValue]:
        """Return the JSON value, keys in the order of the fields; what was not set is absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def into(self, kind: type[T], /, **more: object) -> T:
        """Return what is set here, and more, as facts of another kind that has all these fields."""
        return kind.model_validate({**{name: getattr(self, name) for name in self.model_fields_set}, **more})

    @classmethod
    def read(cls: type[T], values: object, where: str = "") -> T:
        """Read the JSON value of such facts; `where` names it in the error.

        Raises:
            InputError: a key is missing, unknown or of another type.

        """
        return validated(cls, values, where, cls.__name__)


class StageFacts(Facts):
    """What a stage found out."""

    folder: str | None = None
    """Where the stage lies; absent in the stage's own `manifest.json`."""

    def at(self: P, folder: object) -> P:
        """Return the facts with the folder in which the stage lies."""
        return self.model_copy(update={"folder": str(folder)})


class SourceFacts(StageFacts):
    """What a stage found out that is made of one of two models."""

    source: Source | None = None
    """Of which model; absent in the stage's own `manifest.json`."""

    def of(self: P, folder: object, source: Source) -> P:
        """Return the facts with the stage's folder and the model that it is made of."""
        return self.model_copy(update={"folder": str(folder), "source": source})
