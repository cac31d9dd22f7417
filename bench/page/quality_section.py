"""What the page says about retrieval.

Measures of the models, differences with intervals, agreement with the reference model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pocketrag.formats.facts.evaluate import JudgedFacts
from pocketrag.formats.facts.measures import Cosine, Means, MeanWithInterval, Paired
from pocketrag.formats.facts.npu import NpuProof
from pocketrag.formats.facts.parity import ParityFacts
from pocketrag.formats.facts.phone.emulator import CpuFacts

from .bar_chart import Bar, draw
from .blocks import (
    Block,
    Figures,
    LabelledReport,
    More,
    Note,
    Section,
    Table,
    count,
    gathered,
    in_numbers,
    interval,
    number,
    picture,
    signed,
    unreadable,
)
from .breakdown import by_kind

MEASURES = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")
#: What a verdict compares with the base in float32 -> its name.
COMPARED = {
    "tuned": "tuned, float32",
    "shipped": "as shipped, vectors alone",
    "searched": "as shipped",
    "guard": "tuned, out of domain",
}


def quality(labelled: Sequence[LabelledReport]) -> Section:
    """Return the quality of each report's models on its test questions."""
    compared = [(one, name, row) for one in labelled for name, row in _compared(one)]
    blocks: list[Block] = gathered(labelled, "verdict", "retrieval quality", "pocketrag build RECIPE")
    blocks += [note for one in labelled for note in unreadable(one, "quality")]
    blocks += [Note(f"{one.label}: {why}.", "missing") for one in labelled for why in _unasked(one)]
    blocks += [Note(f"{one.label}: {said}.") for one in labelled for said in _decided(one)]
    if compared:
        blocks += [_drawn(labelled, compared), in_numbers(_differences(compared))]
    rows = [row for one in labelled for row in _models(one)]
    if rows:
        blocks.append(Table("Measures on the test questions", ("report", "model", "n", *MEASURES), rows))
    blocks += [block for one in labelled for block in by_kind(one, _judged(one))]
    return Section("quality", "Retrieval quality", blocks)


def _compared(one: LabelledReport) -> Iterator[tuple[str, Paired]]:
    for key, name in COMPARED.items():
        row: Paired | None = getattr(one.facts.verdict, key, None)
        if row is not None and row.difference is not None:
            # Where the app searches by vectors alone, that was told.
            if key == "searched" and getattr(row, "mode", None) == "dense":
                continue
            mode = getattr(row, "mode", None)
            yield (f"{name}, {mode}" if mode else name), row


def _decided(one: LabelledReport) -> Iterator[str]:
    if one.facts.verdict and one.facts.verdict.ships:
        yield f"ships the {one.facts.verdict.ships} model: {one.facts.verdict.reason}"


def _unasked(one: LabelledReport) -> Iterator[str]:
    # Where nothing was compared, the gate says why, and how to get it.
    if one.facts.verdict and not any(_compared(one)):
        yield from (f"quality {g.outcome}: {g.said}" for g in one.facts.gates if g.gate == "quality")


def _drawn(
    labelled: Sequence[LabelledReport], compared: Sequence[tuple[LabelledReport, str, Paired]]
) -> Figures:
    reach = max((row.interval or (0, row.difference or 0))[1] for _, _, row in compared)
    pictures = []
    for one in labelled:
        rows = [
            Bar(name, row.difference or 0, signed(row.difference), row.interval, one.series)
            for o, name, row in compared
            if o is one
        ]
        if rows:
            title = f"{one.label}: nDCG@10 against the base model in float32, with 95 % intervals"
            pictures.append(picture(draw(title, [one.label, *rows], "nDCG@10", reach=reach)))
    return Figures(
        (
            "nDCG@10 against the base model in float32. Lines are 95 % intervals; one that "
            "crosses 0 shows no win."
        ),
        pictures,
    )


def _differences(compared: Sequence[tuple[LabelledReport, str, Paired]]) -> Table:
    rows = [
        [
            one.label,
            name,
            signed(row.difference),
            interval(row.interval, sign=True),
            count(row.n),
            count(row.better),
            count(row.worse),
            getattr(row, "verdict", None) or "",
        ]
        for one, name, row in compared
    ]
    columns = ("report", "model", "difference", "95 % interval", "n", "better", "worse", "verdict")
    return Table("nDCG@10 against the base model in float32", columns, rows)


def _models(one: LabelledReport) -> Iterator[list[str]]:
    for name, model in _judged(one).items():
        yield [one.label, name, count(model.n), *_measures(model)]
        for mode, row in (model.modes or {}).items():
            if mode != "dense":
                yield [one.label, f"{name}, {mode}", count(row.n), *_measures(row)]


def _judged(one: LabelledReport) -> dict[str, JudgedFacts]:
    return one.facts.quality.models if one.facts.quality else {}


def _measures(means: Means) -> list[str]:
    found = means.numbers()
    return [number(found.get(name)) for name in MEASURES]


def agreement(labelled: Sequence[LabelledReport]) -> Section:
    """Return how near each model is to its reference model: on the host, on emulated CPUs, on phones."""
    blocks: list[Block] = gathered(
        labelled, "parity", "parity on real texts", "pocketrag parity BUNDLE EMBEDDER"
    )
    similar = [[one.label, *row] for one in labelled for row in _similar(one)]
    if similar:
        caption = (
            "Cosine: on the host and on NPUs to the reference model, elsewhere to the vectors of the shipped "
            "model"
        )
        blocks.append(Table(caption, SIMILAR, similar))
    kept = [[one.label, *row] for one in labelled for row in _kept(one)]
    if kept:
        blocks.append(
            Table("The same passages found?", ("report", "measure", "mean", "95 % interval", "n"), kept)
        )
    if any(_cpus(one) or _npus(one) for one in labelled):
        blocks.append(
            Note(
                "An emulator shows what the phone's instructions compute. Its time is not a "
                "phone's, so none is shown, and no phone has run what is called emulated."
            )
        )
    for one in labelled:
        if one.facts.parity and one.facts.parity.by_length:
            blocks.append(More(f"{one.label}: agreement by length", [_by_length(one.facts.parity)]))
    return Section("parity", "Agreement with the reference model", blocks)


SIMILAR = ("report", "where", "mean", "least", "n", "top-10 overlap")


def _similar(one: LabelledReport) -> Iterator[list[str]]:
    parity = one.facts.parity
    if parity and parity.cosine.mean is not None:
        overlap = number(parity.overlap.mean if parity.overlap else None)
        yield ["host", *_cosines(parity.cosine, _or(parity.cosine.n, parity.n)), overlap]
    for cpu in _cpus(one):
        role = "decides" if cpu.decides else "informs"
        where = ", ".join(
            part
            for part in (
                f"emulated {cpu.cpu}",
                cpu.runtime,
                f"LiteRT {cpu.litert}" if cpu.litert else None,
                role,
            )
            if part
        )
        yield [where, *_cosines(cpu, cpu.n), number(cpu.overlap)]
    for soc, proof in _npus(one).items():
        cosines = [number(proof.mean_cosine), number(proof.least_cosine), count(proof.n)]
        yield [f"emulated NPU, {soc}", *cosines, number(proof.overlap)]
    for device in one.facts.devices.values():
        if device.parity:
            yield [device.name, *_cosines(device.parity, device.parity.n), number(None)]


def _cpus(one: LabelledReport) -> Sequence[CpuFacts]:
    emulator = one.facts.verify.emulator if one.facts.verify else None
    return emulator.cpus if emulator else ()


def _npus(one: LabelledReport) -> dict[str, NpuProof]:
    return (one.facts.verify.npu if one.facts.verify else None) or {}


def _cosines(row: Cosine | CpuFacts, n: int | None) -> list[str]:
    return [number(row.mean), number(row.least), count(n)]


def _or(n: int | None, other: int | None) -> int | None:
    return other if n is None else n


def _kept(one: LabelledReport) -> Iterator[list[str]]:
    shipped = one.facts.quality.shipped if one.facts.quality else None
    if shipped and shipped.agreement:
        yield _mean(f"top-{shipped.agreement.top or 10} overlap, as built", shipped.agreement)
    parity = one.facts.parity
    if parity and parity.overlap:
        yield _mean("top-10 overlap, parity", parity.overlap)
    if parity and parity.ndcg:
        ndcg = parity.ndcg
        yield [
            "nDCG@10 difference, parity",
            signed(ndcg.difference),
            interval(ndcg.interval, sign=True),
            count(ndcg.n),
        ]


def _mean(name: str, row: MeanWithInterval) -> list[str]:
    return [name, number(row.mean), interval(row.interval), count(row.n)]


def _by_length(parity: ParityFacts) -> Table:
    rows = [[str(length), *_cosines(row, row.n)] for length, row in sorted(parity.by_length.items())]
    return Table("Cosine to the reference model by length", ("tokens", "mean", "least", "n"), rows)
