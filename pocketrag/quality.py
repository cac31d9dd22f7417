"""The tables of retrieval quality: measures, differences, targets, guard, abstention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketrag.console import out, table
from pocketrag.formats.facts.evaluate import KEYS

MEASURES = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")
#: What the first table leaves out.
MORE = ("hit@1", "hit@5", "hit@10", "similarity")
#: The embedder that `--against` names, beside the recipe's own models.
OTHER = "other"

Facts = Mapping[str, Any]


def show_quality(models: Mapping[str, Facts], whole: bool = False) -> None:
    """Print the models of a recipe side by side, and the verdict; `whole` adds all that was measured."""
    rows = []
    for name, scores in models.items():
        rows.append(_row(name, scores))
        rows += [_row(f"  {name}, {mode}", row) for mode, row in scores.get("modes", {}).items() if mode != "dense"]
    _sample(next(iter(models.values())))
    table("test questions", ("model", "n", *MEASURES), rows)
    if whole:
        table("", ("model", *MORE), [_more(name, scores) for name, scores in models.items()])
    for name, scores in models.items():
        _verdicts(name, scores)
    ours = {name: scores for name, scores in models.items() if name != OTHER}
    for name, scores in ours.items() if whole else ():
        _differences(f"{name} against base (float32)", scores)
    _targets(models)
    _abstention(models)
    _by(*list(ours.items())[-1])


def show_target(facts: Facts) -> None:
    """Print one embedder or bundle, and what it was compared with."""
    rows, more = [_row("all", facts)], [_more("all", facts)]
    if other := facts.get("against"):
        rows, more = [*rows, _row(other["target"], other)], [*more, _more(other["target"], other)]
    _sample(facts)
    table(f"{facts['target']} ({facts['mode']})", ("", "n", *MEASURES), rows)
    table("", ("", *MORE), more)
    if other:
        _say(f"against {other['target']} ({other['mode']})", other["compared"])
        _differences(f"against {other['target']}", other)
    _by("", facts)


def _sample(facts: Facts) -> None:
    if "sample_of" in facts:
        out.print(f"a sample of {facts['n']} of {facts['sample_of']} questions: it informs, and decides nothing", markup=False)


def _verdicts(name: str, scores: Facts) -> None:
    if against := scores.get("against_base"):
        _say(f"{name} against base (float32)", against)
    if against := scores.get("against_other"):
        _say(f"{name} against other (float32)", against)
    if guard := scores.get("guard"):
        _say(f"{name} against base, out of domain", guard)
    for objection in scores.get("objections", ()):
        out.print(f"{name} does not ship: {objection}", markup=False)


def _say(what: str, row: Facts) -> None:
    low, high = row["interval"]
    verdict = f": {row['verdict']}" if "verdict" in row else ""
    out.print(
        f"{what}, nDCG@10: {row['difference']:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}, n = {row['n']}{verdict}",
        markup=False,
    )


def _differences(what: str, facts: Facts) -> None:
    rows = [
        (name, f"{row['difference']:+.4f}", "{:+.4f} to {:+.4f}".format(*row["interval"]), row["better"], row["worse"])
        for name, row in facts.get("differences", {}).items()
    ]
    if rows:
        table(f"\n{what}", ("measure", "difference", "95 % interval", "better", "worse"), rows)


def _targets(models: Mapping[str, Facts]) -> None:
    rows = [
        (_searched(name, scores), row["target"], f"{row['wanted']:g}", f"{row['found']:g}", "met" if row["met"] else "not met")
        for name, scores in models.items()
        for row in scores.get("targets", ())
    ]
    if rows:
        table("\ntargets (they inform, the verdict decides)", ("model", "target", "wanted", "found", ""), rows)


def _searched(name: str, scores: Facts) -> str:
    return f"{name}, {scores['as_searched']['mode']}" if "as_searched" in scores else name


def _abstention(models: Mapping[str, Facts]) -> None:
    found = {name: scores["abstention"] for name, scores in models.items() if "abstention" in scores}
    if not found:
        return
    columns = ("model", "AUROC", "95 % interval", "threshold", "wrongly silent", "rightly silent")
    table("\nabstention, by the best passage's dense score", columns, [_silence(*item) for item in found.items()])
    marks = next(iter(found.values()))["answerable"]["quantiles"]
    rows = [
        (name, kind, row[kind]["n"], *row[kind]["quantiles"].values())
        for name, row in found.items()
        for kind in ("answerable", "unanswerable")
    ]
    table("", ("model", "questions", "n", *(f"{float(mark):.0%}" for mark in marks)), rows)


def _silence(name: str, row: Facts) -> tuple[Any, ...]:
    shares = [f"{row[k]['share']:.1%} of {row[k]['n']}" for k in ("false_abstention", "caught")]
    return (name, row["auroc"], "{:.4f} to {:.4f}".format(*row["auroc_interval"]), row["threshold"], *shares)


def _by(name: str, facts: Facts) -> None:
    for key in KEYS:
        if by := facts.get(f"by_{key}"):
            table(f"\n{name}{', ' if name else ''}by {key}", (key, "n", *MEASURES), [_row(value, row) for value, row in by.items()])


def _row(name: str, scores: Facts) -> tuple[Any, ...]:
    return (name, scores["n"], *(scores[m] for m in MEASURES))


def _more(name: str, scores: Facts) -> tuple[Any, ...]:
    return (name, *(scores.get(m) for m in MORE))
