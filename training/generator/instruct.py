"""`pocketrag instruct`: a language model tuned on dialogues and merged, read top to bottom."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pocketrag.console import progress, status
from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.facts.generator import AdapterFacts, HeldOutLoss, InstructFacts, LoggedLoss
from pocketrag.formats.layout import ADAPTER, MERGED
from pocketrag.pipeline.stage import Job
from pocketrag.recipe.generator import Generator
from pocketrag.reference.float_language_model import load_causal

from ..model.adapters import four_bits
from ..model.arguments import brought_back, run_trainer
from .answer_loss import answer_loss
from .chat_tokens import Chat
from .fit_adapter import LOGGED, projections_of, trainer_of
from .lesson_of_dialogues import lesson_of
from .merge_adapter import logits_of, merge_adapter, proof_rows


def instruct(job: Job) -> InstructFacts:
    """Tune an adapter on the assistant's turns, keep what did best on held-out dialogues, merge and prove it.

    Interrupted, it goes on from the last checkpoint when it is run again with the same inputs and settings.

    Raises:
        InputError: dialogues, exam or base are bad, or several GPUs or processes would share a batch.
        GateError: the best checkpoint could not be brought back, or the merged model is another one.

    """
    import torch
    from transformers import set_seed

    from ..model.checkpoints import last_whole

    _alone()
    generator, folder = job.project.need_generator("instruct"), job.project.generator_base
    assert generator.method != "none"  # noqa: S101 - the command asks before
    lesson = lesson_of(generator, folder, job.recipe.data.passages())
    rows, checkpoints = proof_rows(lesson.held_out), job.checkpoints()
    set_seed(generator.seed)
    trainer = trainer_of(_opened(folder, generator), Chat(folder).tokenizer, generator, lesson, checkpoints)
    # What tuning must beat: a fresh adapter adds nothing.
    base = answer_loss(trainer.model, progress(lesson.held_out, "Held-out loss"))
    status(f"held-out loss before tuning: {base:.4f}")
    begun = last_whole(checkpoints)
    run_trainer(trainer, begun)
    history = _history(trainer.state.log_history)
    found = trainer.evaluate()[LOGGED]
    brought_back(trainer, found, "instruct")
    tuned = answer_loss(trainer.model, progress(lesson.held_out, "Held-out loss"))
    status(f"held-out loss after tuning: {tuned:.4f}")
    _save_adapter(trainer.model, generator, job.out / ADAPTER)
    trained = None if generator.method == "qlora" else logits_of(trainer.model.eval(), rows)
    adapter = _adapter(job.out / ADAPTER, trainer.model, generator)
    state, arguments, device = trainer.state, trainer.args, str(trainer.model.device)
    del trainer  # a second model is loaded below
    proof = merge_adapter(folder, job.out / ADAPTER, job.out / MERGED, rows, trained)
    facts = InstructFacts(
        base=generator.name,
        method=generator.method,
        dialogues=lesson.counts,
        held_out_loss=HeldOutLoss(base=round(base, 6), tuned=round(tuned, 6)),
        training_loss=next((row.loss for row in reversed(history) if row.loss is not None), None),
        adapter=adapter,
        merge=proof,
        steps=int(state.global_step),
        kept_step=state.best_global_step,
        at_once=arguments.per_device_train_batch_size,
        went_on_from=begun.name if begun else None,
        history=history,
        device=device,
        precision="bfloat16" if arguments.bf16 else "float32",
        threads=torch.get_num_threads(),
    )
    (job.out / MERGED / "README.md").write_text(_card(job, generator, facts), "utf-8")
    return facts


def _alone() -> None:
    # Each of them would take a whole batch, and a step so many times the recipe's.
    import torch

    if (found := torch.cuda.device_count()) > 1:
        raise InputError(
            f"instruct: sees {found} GPUs and trains on one; choose it by CUDA_VISIBLE_DEVICES=0."
        )
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise InputError("instruct: trains in one process; start it without a launcher.")


def _opened(folder: Path, generator: Generator) -> Any:  # noqa: ANN401
    if generator.method != "qlora":
        return load_causal(folder)
    from peft import prepare_model_for_kbit_training

    model = load_causal(folder, **four_bits("generator.method"))
    return prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)


def _save_adapter(model: Any, generator: Generator, folder: Path) -> None:  # noqa: ANN401
    model.save_pretrained(str(folder), safe_serialization=True)
    # Where the base lies on this machine is nobody's business, and would make other bytes of the same tuning.
    (folder / "README.md").unlink(missing_ok=True)
    config = folder / "adapter_config.json"
    values = {**files.read_json(config), "base_model_name_or_path": generator.name}
    config.write_text(files.to_json(values), "utf-8")


def _adapter(folder: Path, model: Any, generator: Generator) -> AdapterFacts:  # noqa: ANN401
    trained, every = model.get_nb_trainable_parameters()
    return AdapterFacts(
        rank=generator.rank,
        alpha=2 * generator.rank,
        projections=projections_of(model),
        parameters=trained,
        share=round(trained / every, 6),
        megabytes=round(sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 1e6, 3),
    )


def _history(log: list[dict[str, float]]) -> tuple[LoggedLoss, ...]:
    kept = ("epoch", "loss", LOGGED)
    rows = [{key: round(float(row[key]), 6) for key in kept if key in row} for row in log]
    return tuple(LoggedLoss.model_validate(row) for row in rows if len(row) > 1)


def _card(job: Job, generator: Generator, facts: InstructFacts) -> str:
    recipe, counts, loss = job.recipe, facts.dialogues, facts.held_out_loss
    return (
        f"---\nlibrary_name: transformers\nbase_model: {generator.name}\nlicense: {generator.licence}\n---\n"
        f"# {recipe.name} {recipe.version}, generator\n\n"
        f"`{generator.name}` tuned ({facts.method}, rank {generator.rank}) on {counts.train} dialogues of "
        f"the recipe `{recipe.name}`, merged.\n\nMean loss of the assistant's tokens on {counts.held_out} "
        f"held-out dialogues, which chose the checkpoint: {loss.base} before, {loss.tuned} after.\n"
    )
