"""`pocketrag latency BUNDLE --predict`: what a bundle's lengths would take on phones that nobody here has.

Never a pass.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pocketrag.errors import InputError
from pocketrag.formats.facts.phone.prediction import (
    Efficiency,
    Factor,
    FitFacts,
    Fitted,
    PredictedAnswer,
    PredictedTime,
    PredictionFacts,
    Published,
    Unfitted,
)
from pocketrag.formats.facts.students import Predicted
from pocketrag.formats.golden import read_golden
from pocketrag.formats.layout import GOLDEN, MODEL
from pocketrag.formats.manifest import read_manifest
from pocketrag.formats.tokenizer import shortest

from .cost import Cost, costs
from .devices import DEVICES, Device
from .published import CHECKS, POINTS, Point
from .roofline import (
    THREADS,
    Fit,
    Spread,
    checked,
    fitted,
    interval,
    left_out,
    milliseconds,
    predicted,
    soc_left_out,
    spread,
)

#: The row that is a mean over the golden questions, each in the shortest length that holds it.
QUESTIONS = "questions"
#: A phone whose SoC was measured, and not the fastest.
USUAL = next(device for device in DEVICES if device.soc == "Snapdragon 8 Gen 2")
VERDICTS = {True: "yes", False: "no", None: "perhaps"}

ASSUMES = (
    (
        "The time is the model's alone, on the CPU with 4 threads. Tokenizing and searching come on "
        "top; no GPU, no NPU."
    ),
    (
        "The phone is cool and idle: its four fastest cores are free and reach the maker's clocks. A warm "
        "phone takes longer."
    ),
    (
        "Two SoCs were measured, each with one model: Snapdragon 8 Elite and 8 Gen 2. The "
        "model's error can't be told from the SoC's."
    ),
    "On a measured SoC the interval is the worst error of a prediction from the other SoC. On all others it "
    "is that times the "
    "worst error of a point predicted from all the rest; no Pixel and no Exynos was ever measured.",
    (
        "The interval is the range of errors seen so far. It is not a probability, and a "
        "prediction is never a pass."
    ),
    (
        "Cores without i8mm (Pixel 6, Galaxy A33) were never measured: the high end takes it that they "
        "multiply half as fast."
    ),
    (
        "The shortest length measured is 256 tokens: below, the prediction extrapolates. int4 "
        "weights count as int8."
    ),
    (
        "Half of the memory's bandwidth, 2 microseconds an operation and 8 products an element are "
        "assumptions (roofline.py)."
    ),
)


@dataclass(frozen=True)
class Calibration:
    """What a prediction stands on."""

    fit: Fit
    spread: Spread


def predict(bundle: Path) -> PredictionFacts:
    """Predict the time of every length of a bundle, and of its golden questions, on every phone of the table.

    Raises:
        InputError: it is not a bundle, its model is not a model, or has not the lengths that its manifest
            lists.

    """
    manifest = read_manifest(bundle)
    lengths = list(manifest.embedder.lengths)
    by_length = _by_length(bundle / MODEL, lengths)
    limit = manifest.limits.latency_ms
    calibration = Calibration(fitted(), spread())
    asked = _questions(bundle, lengths)
    rows = tuple(row for device in DEVICES for row in _rows(device, by_length, asked, calibration, limit))
    return PredictionFacts(
        label="prediction",
        limit_ms=limit,
        threads=THREADS,
        rows=rows,
        answers=tuple(_answer(device, by_length, rows, limit) for device in DEVICES),
        fit=fit_facts(calibration),
        assumes=ASSUMES,
    )


def question_times(file: Path, lengths: Sequence[int], tokens: Sequence[int]) -> Predicted:
    """Predict a question's mean time on `USUAL`.

    Args:
        file: the `.tflite`.
        lengths: of its signatures, rising.
        tokens: of the questions; what is longer than the longest length is cut to it.

    """
    asked = [shortest(lengths, min(count, lengths[-1])) for count in tokens]
    calibration = Calibration(fitted(), spread())
    *_, row = _rows(USUAL, _by_length(file, list(lengths)), asked, calibration, math.inf)
    return Predicted(device=row.device, soc=row.soc, ms=row.ms, low_ms=row.low_ms, high_ms=row.high_ms)


def table_columns(facts: PredictionFacts) -> list[str]:
    """Return the heads of `table_rows`."""
    return ["phone", "SoC", "tokens", "predicted ms", "low", "high", f"{facts.limit_ms:g} ms"]


def table_rows(facts: PredictionFacts) -> list[list[str]]:
    """Return the facts of `predict` as a table for people.

    A row a length, the phone named in its first one.
    """
    rows, before = [], None
    for row in facts.rows:
        names = ["", ""] if _key(row) == before else list(_key(row))
        before = _key(row)
        times = [f"{time:.1f}" for time in (row.ms, row.low_ms, row.high_ms)]
        rows.append([*names, str(row.length), *times, VERDICTS[row.meets]])
    return rows


def answer_lines(facts: PredictionFacts) -> list[str]:
    """Return a line a phone.

    It says which lengths keep to the limit, and how large a model of this shape may be at the shortest one.
    """
    return [_line(answer, f"{facts.limit_ms:g} ms") for answer in facts.answers]


def _line(answer: PredictedAnswer, limit: str) -> str:
    who = f"prediction: {answer.device} ({answer.soc}):"
    length, millions = next(iter(answer.millions.items()))
    size = f"At {length} tokens all of it would with {millions:g} million weights in this shape."
    if answer.may_meet is None:
        return f"{who} no length keeps to {limit}. {size}"
    whole = f"up to {answer.meets} tokens all" if answer.meets else "of no length all"
    part = f", up to {answer.may_meet} some" if answer.may_meet != answer.meets else ""
    return f"{who} {whole}{part} of the interval keeps to {limit}. {size}"


def fit_facts(calibration: Calibration) -> FitFacts:
    """Return the fit, its points with their errors, and what it was checked with."""
    fit = calibration.fit
    points = tuple(
        Fitted(
            **dict(_published(point, predicted(point, fit))),
            left_out_ms=_ms(one),
            soc_left_out_ms=_ms(soc),
            error=_error(one, point),
        )
        for point, one, soc in zip(POINTS, left_out(), soc_left_out(), strict=True)
    )
    checks = tuple(
        Unfitted(**dict(_published(point, ms)), error=_error(ms, point))
        for point, ms in zip(CHECKS, checked(fit), strict=True)
    )
    return FitFacts(
        efficiency=Efficiency(int8=round(fit.int8, 3), float32=round(fit.float32, 3)),
        points=points,
        checks=checks,
        worst_error=max((point.error for point in points), key=abs),
        factor=Factor(
            measured_soc=round(calibration.spread.soc, 2), other_soc=round(_widest(calibration.spread), 2)
        ),
    )


def _by_length(file: Path, lengths: list[int]) -> dict[int, Cost]:
    found = costs(file)
    if missing := [length for length in lengths if f"embed_{length}" not in found]:
        raise InputError(
            f"{file}: has no signature 'embed_{missing[0]}', which the manifest lists. "
            "Build the bundle again."
        )
    return {length: found[f"embed_{length}"] for length in lengths}


def _questions(bundle: Path, lengths: list[int]) -> list[int]:
    # The length that each golden question takes; what is longer than the longest is cut to it.
    asked = [len(text.ids) for text in read_golden(bundle / GOLDEN).texts if text.question is not None]
    return [shortest(lengths, min(count, lengths[-1])) for count in asked]


def _rows(
    device: Device, by_length: dict[int, Cost], asked: list[int], of: Calibration, limit: float
) -> Iterator[PredictedTime]:
    times = {
        length: (milliseconds(c, device, of.fit), *interval(c, device, of.fit, of.spread))
        for length, c in by_length.items()
    }
    for length, (ms, low, high) in times.items():
        yield _row(device, length, ms, low, high, limit)
    if asked:
        ms, low, high = (sum(times[length][i] for length in asked) / len(asked) for i in range(3))
        yield _row(device, QUESTIONS, ms, low, high, limit)


def _row(
    device: Device, length: int | str, ms: float, low: float, high: float, limit: float
) -> PredictedTime:
    meets = True if high < limit else False if low > limit else None
    times = {"ms": _ms(ms), "low_ms": _ms(low), "high_ms": _ms(high)}
    return PredictedTime(device=device.name, soc=device.soc, length=length, **times, meets=meets)


def _answer(
    device: Device, by_length: dict[int, Cost], rows: Sequence[PredictedTime], limit: float
) -> PredictedAnswer:
    mine = {
        row.length: row
        for row in rows
        if _key(row) == (device.name, device.soc) and isinstance(row.length, int)
    }
    return PredictedAnswer(
        device=device.name,
        soc=device.soc,
        meets=max((length for length, row in mine.items() if row.meets), default=None),
        may_meet=max((length for length, row in mine.items() if row.meets is not False), default=None),
        # In proportion: a model of this shape with twice the weights takes twice the time.
        millions={
            length: round(_weights(by_length[length], length) * limit / row.high_ms, 2)
            for length, row in mine.items()
        },
    )


def _weights(cost: Cost, length: int) -> float:
    # Millions of weights that each token is multiplied with; attention's products, which have none, left out.
    return (
        sum(count for kind, count in cost.macs.items() if kind != "float32") / length / 1e6
        or cost.floating / length / 1e6
    )


def _published(point: Point, ms: float) -> Published:
    return Published(
        device=point.device.name,
        soc=point.device.soc,
        model=point.model,
        length=point.length,
        measured_ms=_ms(point.ms),
        predicted_ms=_ms(ms),
        source=point.source,
    )


def _widest(spread: Spread) -> float:
    return spread.soc * spread.point


def _key(row: PredictedTime) -> tuple[str, str]:
    return row.device, row.soc


def _ms(value: float) -> float:
    return round(value, 2)


def _error(ms: float, point: Point) -> float:
    return round(ms / point.ms - 1, 3)
