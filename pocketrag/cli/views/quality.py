"""The tables of retrieval quality: measures, differences, targets, guard, abstention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pocketrag.console import out, table
from pocketrag.formats.facts.evaluate import (
    BrokenDown,
    ComparedFacts,
    JudgedFacts,
    MtebEvaluation,
    TargetEvaluation,
)
from pocketrag.formats.facts.measures import Abstention, Comparison, Difference, GuardComparison, Means

MEASURES = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")
#: What the first table leaves out.
MORE = ("hit@1", "hit@5", "hit@10", "similarity")

Models = Mapping[str, ComparedFacts]


def show_quality(models: Models, whole: bool = False) -> None:
    """Print the models of a recipe side by side, and the verdict; `whole` adds all that was measured."""
    # The embedder that `--against` names stands beside the recipe's own models.
    ours = {name: model for name, model in models.items() if isinstance(model, JudgedFacts)}
    rows = []
    for name, model in models.items():
        rows.append(_row(name, model))
        modes = (model.modes if isinstance(model, JudgedFacts) else None) or {}
        rows += [_row(f"  {name}, {mode}", row) for mode, row in modes.items() if mode != "dense"]
    _sample(next(iter(models.values())))
    table("test questions", ("model", "n", *MEASURES), rows)
    if whole:
        table("", ("model", *MORE), [_more(name, model) for name, model in models.items()])
    for name, model in models.items():
        _verdicts(name, model)
    for name, judged in ours.items() if whole else ():
        _differences(f"{name} against base (float32)", judged.differences)
    _targets(ours)
    _abstention(ours, whole)
    if whole:
        _by(*list(ours.items())[-1])


def show_target(facts: TargetEvaluation) -> None:
    """Print one embedder or bundle, and what it was compared with."""
    rows, more, other = [_row("all", facts)], [_more("all", facts)], facts.against
    if other:
        rows, more = [*rows, _row(other.target, other)], [*more, _more(other.target, other)]
    _sample(facts)
    table(f"{facts.target} ({facts.mode})", ("", "n", *MEASURES), rows)
    table("", ("", *MORE), more)
    if other:
        _say(f"against {other.target} ({other.mode})", other.compared)
        _differences(f"against {other.target}", other.differences)
    _by("", facts)


def show_mteb(facts: MtebEvaluation) -> None:
    """Print an embedder's scores on public tasks."""
    rows = [
        (
            row.task if row.subset == "default" else f"{row.task}, {row.subset}",
            row.split,
            str(row.ndcg_10.n),
            str(row.passages),
            row.measure,
            f"{row.score:.4f}",
            f"{row.ndcg_10.mean:.4f} [{row.ndcg_10.interval[0]:.4f}, {row.ndcg_10.interval[1]:.4f}]",
        )
        for row in facts.scores
    ]
    columns = ("task", "split", "n", "passages", "measure", "mteb's score", "nDCG@10 by pocketrag, 95 %")
    table(f"{facts.target}, by mteb {facts.mteb}", columns, rows)


def _sample(facts: BrokenDown) -> None:
    if facts.sample_of is not None:
        out.print(
            f"a sample of {facts.n} of {facts.sample_of} questions: it informs, and decides nothing",
            markup=False,
        )


def _verdicts(name: str, model: ComparedFacts) -> None:
    if model.against_base:
        _say(f"{name} against base (float32)", model.against_base)
    if not isinstance(model, JudgedFacts):
        return
    if model.against_other:
        _say(f"{name} against other (float32)", model.against_other)
    if model.guard:
        _say(f"{name} against base, out of domain", model.guard)
    for objection in model.objections:
        out.print(f"{name} does not ship: {objection}", markup=False)


def _say(what: str, row: Comparison | GuardComparison) -> None:
    low, high = row.interval
    verdict = f": {row.verdict}" if isinstance(row, Comparison) else ""
    out.print(
        (
            f"{what}, nDCG@10: {row.difference:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}, n "
            f"= {row.n}{verdict}"
        ),
        markup=False,
    )


def _differences(what: str, found: Mapping[str, Difference] | None) -> None:
    rows = [
        (name, f"{row.difference:+.4f}", "{:+.4f} to {:+.4f}".format(*row.interval), row.better, row.worse)
        for name, row in (found or {}).items()
    ]
    if rows:
        table(f"\n{what}", ("measure", "difference", "95 % interval", "better", "worse"), rows)


def _targets(models: Mapping[str, JudgedFacts]) -> None:
    rows = [
        (
            _searched(name, model),
            row.target,
            f"{row.wanted:g}",
            f"{row.found:g}",
            "met" if row.met else "not met",
        )
        for name, model in models.items()
        for row in model.targets
    ]
    if rows:
        table(
            "\ntargets (they inform, the verdict decides)", ("model", "target", "wanted", "found", ""), rows
        )


def _searched(name: str, model: JudgedFacts) -> str:
    return f"{name}, {model.as_searched.mode}" if model.as_searched else name


def _abstention(models: Mapping[str, JudgedFacts], whole: bool) -> None:
    found = {name: model.abstention for name, model in models.items() if model.abstention}
    if not found:
        return
    columns = ("model", "AUROC", "95 % interval", "threshold", "wrongly silent", "rightly silent")
    table(
        "\nabstention, by the best passage's dense score",
        columns,
        [_silence(*item) for item in (found.items() if whole else list(found.items())[-1:])],
    )
    if not whole:
        return
    marks = next(iter(found.values())).answerable.quantiles
    rows = [
        (name, kind, scored.n, *scored.quantiles.values())
        for name, row in found.items()
        for kind, scored in (("answerable", row.answerable), ("unanswerable", row.unanswerable))
    ]
    table("", ("model", "questions", "n", *(f"{float(mark):.0%}" for mark in marks)), rows)


def _silence(name: str, row: Abstention) -> Sequence[object]:
    shares = [f"{share.share:.1%} of {share.n}" for share in (row.false_abstention, row.caught)]
    return (name, row.auroc, "{:.4f} to {:.4f}".format(*row.auroc_interval), row.threshold, *shares)


def _by(name: str, facts: BrokenDown) -> None:
    for key, by in facts.breakdowns.items():
        table(
            f"\n{name}{', ' if name else ''}by {key}",
            (key, "n", *MEASURES),
            [_row(value, row) for value, row in by.items()],
        )


def _row(name: str, means: Means) -> Sequence[object]:
    found = means.numbers()
    return (name, means.n, *(found[measure] for measure in MEASURES))


def _more(name: str, means: Means) -> Sequence[object]:
    found = means.numbers()
    return (name, *(found.get(measure) for measure in MORE))
