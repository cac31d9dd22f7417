"""Train a small transformer to land where its teacher lands, from any SentenceTransformer folder on.

The library's own trainer, with checkpoints that an interrupted run goes on from. The vocabulary's table stays
as it is: it is most of the weights, and the texts have few of its tokens.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pocketrag.console import status
from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.formats.embedder.embedder_tokenizer import tokenizer_of
from pocketrag.formats.facts.students import HeldLogged, NetworkTraining
from pocketrag.formats.prompt_room import need_room
from pocketrag.recipe.students import NetworkStudent
from pocketrag.reference import float_model, static_student
from pocketrag.reference.network_student import Beside, Network
from pocketrag.reference.static_student import StaticStudent
from pocketrag.reference.student_tokens import StudentTokens, student_tokens

from ..model.arguments import arguments_of, brought_back, run_trainer
from .held_score import SCORE, Held, HeldScore
from .lesson import Material, Trained

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from .stop_broken import StopBroken

#: As the trainer logs it.
LOGGED = f"eval_{SCORE}"
#: Of the texts, held back where there are no unjudged questions.
SHARE, FEWEST = 0.05, 20


def fit_network(
    material: Material,
    settings: NetworkStudent,
    start: Path,
    layers: tuple[int, ...] | None = None,
    static: StaticStudent | None = None,
) -> Trained:
    """Train the model in `start`; return it as it scored best on held-out texts.

    Args:
        material: what it learns from, and the folder of its checkpoints.
        settings: of the training.
        start: a SentenceTransformer folder whose vectors have the teacher's dims.
        layers: which of the full model's it has; None where it is another model.
        static: what stands beside it; its share is the one that scores best.

    Raises:
        InputError: the longest length is more than the model takes, the prompt leaves no room for a question,
            or training broke down before anything was better than the start.
        GateError: the best checkpoint could not be brought back.

    """
    from transformers import set_seed

    from ..model.checkpoints import last_whole
    from .stop_broken import StopBroken

    tokens = _tokens(material, settings, start)
    set_seed(settings.seed)
    model = _trainable(start, settings.lengths[-1])
    rows, held = divided(material, settings.seed)
    evaluator = HeldScore(held, material.passages, _vectors(static, tokens, held))
    before = evaluator(model)[SCORE]
    status(f"{held.by} with the teacher on {len(held.texts)} held-out texts before training: {before:.4f}")
    begun = last_whole(material.checkpoints)
    loss = _loss(model, material, settings)
    guard = StopBroken(loss, before, evaluator.alike)
    trainer = _trainer(model, material, settings, rows, evaluator, loss, guard)
    guard.log = trainer.log
    run_trainer(trainer, begun)
    kept = _kept(material.name, trainer, before, guard)
    if kept:
        brought_back(trainer, evaluator(model)[SCORE], f"distill {material.name}")
    else:
        status(f"{material.name}: no checkpoint was better than the start, which is kept")
        model = _trainable(start, settings.lengths[-1])
    after = evaluator(model)[SCORE]
    beside = Beside(static, evaluator.share) if static else None
    status(f"{held.by} with the teacher after training: {after:.4f}, step {kept}")
    facts = _facts(trainer, model, guard)
    training = NetworkTraining(
        layers=layers,
        by=held.by,
        n=len(held.texts),
        before=round(before, 6),
        after=round(after, 6),
        kept_step=kept,
        went_on_from=begun.name if begun else None,
        static_share=beside.share if beside else None,
        **facts,
    )
    return Trained(Network(model.cpu().eval(), start, beside), tokens, training)


def _tokens(material: Material, settings: NetworkStudent, start: Path) -> StudentTokens:
    # Before hours are spent on a student that can't be exported.
    key, longest, embedder = f"students.{material.name}", settings.lengths[-1], read_embedder(start)
    if longest > embedder.max_tokens:
        raise InputError(
            f"`{key}.lengths`: {longest} is more than the {embedder.max_tokens} tokens that the model takes."
        )
    tokens = student_tokens(start, tokenizer_of(embedder), material.tokens.prompts, longest)
    need_room(f"{key}.query", settings.query, tokens.tokenize, longest, f"{key}.lengths")
    return tokens


def _vectors(static: StaticStudent | None, tokens: StudentTokens, held: Held) -> np.ndarray | None:
    if static is None:
        return None
    return static_student.encode(static, [tokens.cut(text) for text in held.texts])


def _trainable(start: Path, longest: int) -> SentenceTransformer:
    from torch import nn

    model = float_model.load_float(start, longest)
    inner: Any = model[0]
    inner.model.get_input_embeddings().requires_grad_(False)
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0  # the teacher says what each text is: noise on it teaches nothing
    return model


def divided(material: Material, seed: int) -> tuple[np.ndarray, Held]:
    """Return which texts teach, int64 [n], and those that choose the checkpoint."""
    count, ask = len(material.texts), material.tokens.prompts.ask
    if material.held:
        asked = [ask(text) for text in material.held]
        return np.arange(count), Held(asked, material.held_taught, "overlap")
    order = np.random.default_rng(seed).permutation(count)
    some, rest = np.split(order, [min(max(FEWEST, int(count * SHARE)), count // 2)])
    return np.sort(rest), Held([ask(material.texts[n]) for n in some], material.taught[some], "cosine")


def _loss(model: SentenceTransformer, material: Material, settings: NetworkStudent) -> Any:  # noqa: ANN401
    from .distill_loss import DistillLoss

    return DistillLoss(model, material.taught, material.passages, settings.temperature)


def _trainer(
    model: SentenceTransformer,
    material: Material,
    settings: NetworkStudent,
    rows: np.ndarray,
    evaluator: HeldScore,
    loss: Any,  # noqa: ANN401
    guard: StopBroken,
) -> Any:  # noqa: ANN401
    from datasets import Dataset
    from transformers import EarlyStoppingCallback

    from ..model.checkpoints import Digested
    from ..model.trainers import WholeTrainer
    from .by_length import ByLength

    ask = material.tokens.prompts.ask
    data = Dataset.from_dict({"text": [ask(material.texts[n]) for n in rows], "label": rows.tolist()})
    arguments = arguments_of(
        material.checkpoints,
        every=max(1, settings.steps // settings.evaluations),
        metric=LOGGED,
        report_to=settings.report_to,
        max_steps=settings.steps,
        per_device_train_batch_size=min(settings.batch_size, len(rows)),
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup_ratio,
        batch_sampler=ByLength,
        dataloader_drop_last=True,
        seed=settings.seed,
    )
    trainer = WholeTrainer(
        model=model,
        args=arguments,
        train_dataset=data,
        loss=loss,
        evaluator=evaluator,
        callbacks=[Digested(), EarlyStoppingCallback(early_stopping_patience=settings.patience), guard],
    )
    trainer.longest = settings.lengths[-1]
    return trainer


def _kept(name: str, trainer: Any, before: float, guard: StopBroken) -> int:  # noqa: ANN401
    """Return the step of the best checkpoint, 0 where none is better than the start."""
    best, step = trainer.state.best_metric, trainer.state.best_global_step
    better = best is not None and best > before
    if guard.broken and not better:
        what = {
            "not finite": "training ended in numbers that are none",
            "collapsed": "all questions came to be one vector",
        }[guard.broken]
        raise InputError(
            f"[students.{name}]: {what}, and nothing before was better than the start. Lower "
            "`learning_rate`, or raise `temperature` or `warmup_ratio`."
        )
    if guard.broken:
        status(
            f"{name}: broken off at step {trainer.state.global_step} ({guard.broken}); the best one is kept"
        )
    return int(step) if better else 0


def _facts(trainer: Any, model: Any, guard: StopBroken) -> dict[str, Any]:  # noqa: ANN401
    import torch

    table = model[0].model.get_input_embeddings().weight
    rows: dict[int, dict[str, float]] = {}
    for row in trainer.state.log_history:
        found = {name: row[key] for name, key in (("loss", "loss"), ("score", LOGGED)) if key in row}
        if found:
            rows.setdefault(int(row["step"]), {}).update({k: round(float(v), 6) for k, v in found.items()})
    return {
        "weights": sum(part.numel() for part in model.parameters()) - table.numel(),
        "steps": int(trainer.state.global_step),
        "stopped": guard.broken,
        "history": tuple(HeldLogged.model_validate({"step": step, **row}) for step, row in rows.items()),
        "device": str(trainer.args.device),
        "precision": "bfloat16" if trainer.args.bf16 else "float32",
        "threads": torch.get_num_threads(),
    }
