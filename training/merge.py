"""`pocketrag merge`: base + adapter -> an ordinary SentenceTransformer folder.

It is proved equal to what was tuned.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pocketrag.console import status
from pocketrag.errors import GateError
from pocketrag.formats.facts.training import DevScores, MergeFacts, TuneFacts
from pocketrag.formats.layout import PROOF
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.recipe import Recipe
from pocketrag.reference.float_model import encode, load_float
from pocketrag.reference.proof_texts import proof_texts
from pocketrag.reference.save_model import save_like

from .model.adapters import load_trained, scale
from .model.dev_evaluator import evaluator_of, score
from .model.fixed import fixed_of

#: Merging only adds two matrices; float32 rounding moves a cosine by less than this.
LEAST_COSINE = 0.99999


def merge(job: Job) -> MergeFacts:
    """Merge `merge.share` of the adapter into the base and write the tuned embedder.

    Raises:
        GateError: the merged model does not agree with base + adapter.

    """
    recipe, folder, out, tuned = job.recipe, job.start, job.out, job.facts("tune", TuneFacts)
    texts, share = proof_texts(recipe), recipe.merge.share
    model, base = load_trained(folder, job.inputs["tune"].folder), load_float(folder)
    plain = encode(base, texts, progress=False)
    whole = before = encode(model, texts, progress=False)
    if share < 1:
        scale(model, base, share)
        before = encode(model, texts, progress=False)
    del base  # 1.2 GB that nothing below needs
    inner: Any = model[0]
    if tuned.method != "full":
        inner.model = inner.model.merge_and_unload()
    save_like(model, folder, out)
    merged = load_float(out)  # from disk: what was saved is what is proved
    after = encode(merged, texts, progress=False)
    adapter = _proved(out, "base with adapter", _least(before, after), len(texts))
    left = np.load(job.inputs["tune"].folder / PROOF, allow_pickle=False)
    trained = _least(left, after if share == 1 else whole)
    if tuned.method != "qlora":  # that was trained on a base in 4 bits, and is merged into the float one
        _proved(out, "the model as training left it", trained, len(texts))
    # The score takes minutes: only what is proved is worth them.
    scores = tuned.dev_ndcg_10.into(DevScores, **({"merged": _score(job, merged)} if share < 1 else {}))
    (out / "README.md").write_text(_card(recipe, tuned, scores), "utf-8")
    return MergeFacts(
        share=share,
        dev_ndcg_10=scores,
        least_cosine_to_adapter=adapter,
        least_cosine_to_training=trained,
        mean_cosine_to_base=round(float((before * plain).sum(1).mean()), 6),
        n=len(texts),
    )


def _score(job: Job, model: Any) -> float:  # noqa: ANN401 - a SentenceTransformer
    # The one in tune's facts is that of the whole way; settings are chosen by this one.
    recipe, split = job.recipe, job.split()
    evaluator = evaluator_of(recipe, split, model, fixed_of(job))
    found = round(score(evaluator, model, recipe.export.lengths[-1]), 6)
    status(f"development nDCG@10 with a share of {recipe.merge.share}: {found:.4f}")
    return found


def _proved(out: Path, what: str, cosine: float, count: int) -> float:
    status(f"merged against {what}: least cosine {cosine:.7f} over {count} texts")
    if not cosine >= LEAST_COSINE:
        raise GateError(
            f"{out.name}: unlike {what}, least cosine {cosine:.6f} < {LEAST_COSINE} over {count} texts."
        )
    return cosine


def _least(before: np.ndarray, after: np.ndarray) -> float:
    return round(float((before * after).sum(1).min()), 8)


def _card(recipe: Recipe, tuned: TuneFacts, scores: DevScores) -> str:
    data, settings = tuned.data, {**recipe.train.model_dump(exclude={"accept"}), **recipe.merge.model_dump()}
    return (
        f"---\nlibrary_name: sentence-transformers\nbase_model: {recipe.model.name}\n"
        f"license: {recipe.model.licence}\n---\n# {recipe.name}\n\n"
        f"`{recipe.model.name}` tuned ({tuned.method}) on {tuned.triplets} triplets of the recipe "
        f"`{recipe.name}`, merged.\n\n## Scores\n"
        f"nDCG@10 on {data.questions.dev} development questions, which chose the checkpoint: "
        f"{scores.base} before, {scores.tuned if scores.merged is None else scores.merged} after.\n"
        "Scores on the test questions stand in the report beside the bundle.\n\n## Data\n"
        f"{data.questions.train} questions; left out: {data.left_out or 'none'}; negatives: "
        f"{data.strategy}.\n\n"
        f"{_table(('data', 'file and SHA-256'), data.sources)}\n## Settings\n"
        f"{_table(('setting', 'value'), settings)}"
    )


def _table(head: tuple[str, str], rows: dict[str, Any]) -> str:
    return "".join(f"| {key} | {value} |\n" for key, value in (head, ("---", "---"), *rows.items()))
