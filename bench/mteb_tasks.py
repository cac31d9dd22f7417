"""`pocketrag evaluate MODEL --mteb TASK`: an embedder on the public tasks of the package `mteb`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from pocketrag.errors import InputError, first_line
from pocketrag.formats.data.beir import Qrels
from pocketrag.formats.embedder.embedder_folder import locate
from pocketrag.formats.facts.evaluate import MtebEvaluation, MtebScore
from pocketrag.reference import metrics
from pocketrag.runtime.ranking import Run

from .mteb_encoder import MtebEncoder

INSTALL = "pip install 'pocketrag[train,mteb]'"
#: What mteb calls tasks that rank a corpus for questions.
RETRIEVAL = "Retrieval"


def evaluate_tasks(target: str, names: Sequence[str], runs: str | None = None) -> MtebEvaluation:
    """Score an embedder on retrieval tasks by mteb, and its rankings once more by our own measures.

    Args:
        target: an embedder folder or hub id; it is asked in float32, by its own prompts.
        names: tasks, as mteb spells them.
        runs: a folder for the TREC runs, one a task, subset and split.

    Raises:
        InputError: mteb is not installed, a task is unknown or no retrieval task, or its data can't be had.

    """
    tasks = [_task(name) for name in names]  # before a model is loaded
    folder = locate(target)
    _load(tasks)
    if runs:
        Path(runs).mkdir(parents=True, exist_ok=True)
    encoder = MtebEncoder(folder)
    scores = [row for task in tasks for row in _scores(encoder, task, runs)]
    return MtebEvaluation(target=target, mteb=version("mteb"), scores=scores)


def _task(name: str) -> Any:  # noqa: ANN401 - mteb's own
    try:
        import mteb
    except ModuleNotFoundError as error:
        raise InputError(f"--mteb {name}: needs the package mteb: {INSTALL}") from error
    try:
        task = mteb.get_task(name)
    except KeyError as error:
        near = str(error.args[0]).removeprefix("KeyError: ")
        raise InputError(f"--mteb: {near} mteb {version('mteb')} has the names: mteb.get_tasks()") from error
    if task.metadata.type != RETRIEVAL:
        raise InputError(
            f"--mteb {name}: is a task of the kind {task.metadata.type!r}; only {RETRIEVAL!r} is taken."
        )
    return task


def _load(tasks: Sequence[Any]) -> None:
    # All data are here before the first task computes for hours.
    for task in tasks:
        try:
            task.load_data()
        except Exception as error:  # the hub and `datasets` raise a dozen kinds
            data = task.metadata.dataset["path"]
            raise InputError(
                f"--mteb {task.metadata.name}: the hub did not give its data, {data} "
                f"({type(error).__name__}). Fetch them where it can be reached, `hf download {data} "
                "--repo-type dataset`, and bring that machine's HF_HOME here. "
                f"The hub said: {first_line(error)}"
            ) from error


def _scores(encoder: MtebEncoder, task: Any, runs: str | None) -> Iterator[MtebScore]:  # noqa: ANN401
    import mteb

    with TemporaryDirectory() as folder:
        # Never a result that another model of this name left in mteb's cache.
        found = mteb.evaluate(
            encoder,
            task,
            cache=None,
            co2_tracker=False,
            show_progress_bar=False,
            prediction_folder=folder,
        )
        predicted = json.loads(Path(folder, task.prediction_file_name).read_text(encoding="utf-8"))
    for split, rows in found.task_results[0].scores.items():
        for row in rows:
            subset = row["hf_subset"]
            data, ranked = task.dataset[subset][split], _ranked(predicted[subset][split])
            if runs:
                file = Path(runs, f"{task.metadata.name}.{subset}.{split}.trec")
                metrics.write_run(ranked, file, tag="pocketrag-dense")
            yield _score(task.metadata, subset, split, data, row, ranked)


def _ranked(predicted: Mapping[str, Mapping[str, float]]) -> Run:
    return {q: sorted(found.items(), key=lambda one: (-one[1], one[0])) for q, found in predicted.items()}


def _score(
    task: Any,  # noqa: ANN401
    subset: str,
    split: str,
    data: Mapping[str, Any],
    row: Mapping[str, Any],
    run: Run,
) -> MtebScore:
    judged: Qrels = {q: {p: int(s) for p, s in found.items()} for q, found in data["relevant_docs"].items()}
    ours = metrics.score(run, judged)[metrics.MAIN]
    return MtebScore(
        task=task.name,
        subset=subset,
        split=split,
        data=task.dataset["path"],
        revision=task.dataset["revision"],
        passages=len(data["corpus"]),
        measure=task.main_score,
        score=row["main_score"],
        ndcg_10=metrics.mean_with_interval(np.array(list(ours.values()))),
    )
