"""What the page says about other phones: a prediction, and said so."""

from __future__ import annotations

from collections.abc import Sequence

from pocketrag.formats.facts.phone.prediction import Fitted, PredictedTime, PredictionFacts, Unfitted

from .bar_chart import Bar
from .bar_chart import draw as draw_bars
from .blocks import (
    NOTHING,
    Block,
    Cell,
    Figures,
    LabelledReport,
    More,
    Note,
    Section,
    Table,
    count,
    gathered,
    ms,
    picture,
)

#: From so many phones on there are two pictures.
MANY = 5
#: Times the limit where a prediction's axis ends: beyond it nobody asks by how much.
BEYOND = 4


def prediction(labelled: Sequence[LabelledReport]) -> Section:
    """Return what is predicted, and on which assumptions: never a measurement, never a pass."""
    blocks: list[Block] = gathered(labelled, "prediction", "prediction", "pocketrag latency BUNDLE --predict")
    found = [
        (one, one.facts.prediction) for one in labelled if one.facts.prediction and one.facts.prediction.rows
    ]
    if found:
        blocks.insert(0, Note("Predicted, not measured. A prediction is never a pass.", "warn"))
    for one, predicted in found:
        blocks += [_picture(one, predicted), _table(one, predicted)]
        notes: list[Table | Note] = [Note(line) for line in predicted.assumes]
        blocks.append(
            More(f"{one.label}: what the prediction stands on, and its errors", [*notes, *_fit(predicted)])
        )
    return Section("prediction", "Prediction", blocks)


def _picture(one: LabelledReport, predicted: PredictionFacts) -> Figures:
    first = _decisive([row.length for row in predicted.rows])
    rows = [row for row in predicted.rows if row.length == first]
    most = predicted.limit_ms * BEYOND if predicted.limit_ms else None
    bars = [Bar(_name(row), row.ms, _predicted(row), _ends(row), one.series, predicted=True) for row in rows]
    what = f"{one.label}: predicted ms of the model alone, {_asked(first)}"
    limit = f". The dashed line is the limit, {predicted.limit_ms:g} ms" if predicted.limit_ms else ""
    drawn = [
        picture(draw_bars(what, half, "ms", predicted.limit_ms, _reach(rows), most)) for half in _halves(bars)
    ]
    return Figures(f"{what}, with the interval of the prediction{limit}", drawn)


def _decisive(lengths: Sequence[int | str]) -> int | str:
    """Return what one looks at first: real questions, or without them the longest text."""
    words = [length for length in lengths if isinstance(length, str)]
    return words[0] if words else max(lengths, key=_place)


def _reach(rows: Sequence[PredictedTime]) -> float:
    return max(row.high_ms or row.ms for row in rows)


def _halves(bars: Sequence[Bar]) -> list[Sequence[Bar]]:
    # Many phones stand in two pictures beside each other, of one scale.
    middle = (len(bars) + 1) // 2
    return [bars] if len(bars) < MANY else [bars[:middle], bars[middle:]]


def _name(row: PredictedTime) -> str:
    return f"{row.device} ({row.soc})" if row.soc else row.device


def _asked(length: int | str) -> str:
    return "a mean question" if length == "questions" else f"a text of {_length(length)}"


def _by_device(predicted: PredictionFacts) -> dict[str, list[PredictedTime]]:
    rows: dict[str, list[PredictedTime]] = {}
    for row in sorted(predicted.rows, key=lambda row: _place(row.length)):
        rows.setdefault(_name(row), []).append(row)
    return rows


def _table(one: LabelledReport, predicted: PredictionFacts) -> Table:
    lengths = sorted({row.length for row in predicted.rows}, key=_place)
    rows = []
    for name, there in _by_device(predicted).items():
        by_length = {row.length: row for row in there}
        rows.append([name, *(_meets(by_length.get(length)) for length in lengths)])
    limit = f", and whether it meets {predicted.limit_ms:g} ms" if predicted.limit_ms else ""
    return Table(
        f"{one.label}: predicted ms by length (interval){limit}", ("device", *map(_length, lengths)), rows
    )


def _place(length: int | str) -> tuple[bool, int]:
    # What is not a number of tokens is the mean over real questions: first.
    return not isinstance(length, str), 0 if isinstance(length, str) else length


def _length(length: int | str) -> str:
    return length if isinstance(length, str) else f"{length} tokens"


def _fit(predicted: PredictionFacts) -> list[Table]:
    columns = (
        "phone",
        "SoC",
        "model",
        "tokens",
        "measured, ms",
        "predicted, ms",
        "error",
        "from other SoCs, ms",
        "source",
    )
    captions: dict[str, Sequence[Fitted | Unfitted]] = {
        "Published times that it is fitted to": predicted.fit.points,
        "Published times that no fit saw": predicted.fit.checks,
    }
    return [
        Table(caption, columns, [_point(point) for point in points])
        for caption, points in captions.items()
        if points
    ]


def _point(point: Fitted | Unfitted) -> list[str]:
    error = NOTHING if point.error is None else f"{point.error:+.0%}"
    others = point.soc_left_out_ms if isinstance(point, Fitted) else None
    times = [ms(point.measured_ms), ms(point.predicted_ms), error, ms(others)]
    return [
        *(word or "" for word in (point.device, point.soc, point.model)),
        count(point.length),
        *times,
        point.source or "",
    ]


def _meets(row: PredictedTime | None) -> str | Cell:
    if row is None:
        return NOTHING
    word = {True: "meets", False: "misses", None: "perhaps"}[row.meets]
    # Grey whatever it says: a colour of a pass is for what was measured.
    return Cell(f"{_predicted(row)} {word}".strip(), "predicted")


def _predicted(row: PredictedTime) -> str:
    ends = _ends(row)
    return f"≈ {ms(row.ms)}" + (f" ({ms(ends[0])} to {ms(ends[1])})" if ends else "")


def _ends(row: PredictedTime) -> tuple[float, float] | None:
    return None if row.low_ms is None or row.high_ms is None else (row.low_ms, row.high_ms)
