"""The table [generator] of a recipe: the language model that answers from what search finds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

# Whoever reads a recipe finds it here.
from pocketrag.formats.generator.prompt_templates import GeneratorPrompt as GeneratorPrompt

from .generator_tiers import GeneratorTiers
from .section import Section
from .train import Trackers


class GeneratorLimits(Section):
    """What a generator must keep to in its exam, or it does not ship."""

    accuracy: Annotated[float, Field(ge=0, le=1)] = 0.75
    """Share of the exam's questions answered or refused rightly."""
    seconds: Annotated[float, Field(gt=0)] = 15.0
    """A whole answer, on the phone."""
    memory_megabytes: Annotated[int, Field(ge=1)] = 3000
    """What the phone's memory must hold beside everything else."""
    quantization_loss: Annotated[float, Field(ge=0, le=1)] = 0.02
    """Of accuracy, quantized against float."""


class GeneratorTargets(Section):
    """Projections of a tuning: the most that each may be. They inform; the exam decides."""

    training_loss: Annotated[float, Field(ge=0)] | None = None
    """Mean cross-entropy of the assistant's tokens, as the trainer logs it last."""
    held_out_loss: Annotated[float, Field(ge=0)] | None = None
    """The same on the held-out dialogues, of the checkpoint that is kept."""
    adapter_megabytes: Annotated[float, Field(gt=0)] | None = None
    """Of the adapters, in millions of bytes."""
    trained_share: Annotated[float, Field(gt=0, le=1)] | None = None
    """Of all parameters."""


class Generator(Section):
    """Which language model answers, how it is tuned, packed and examined (docs/generator.md)."""

    base: str
    """A hub id, or a folder relative to the recipe."""
    revision: str | None = None
    """Of the hub id."""
    licence: str = ""
    """Of the base; a release needs it."""
    notice: str = ""
    """What the licence asks to be passed on."""
    method: Literal["lora", "qlora", "none"] = "lora"
    """LoRA; LoRA on a base in 4 bits (nf4, CUDA, needs bitsandbytes); or the base as it is."""
    rank: Annotated[int, Field(ge=1, le=1024)] = 64
    """Alpha is twice the rank; the projections of attention and feed-forward have adapters."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """In front of the adapters."""
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 2e-4
    """At its highest, after the warm-up; it falls as a cosine."""
    warmup_ratio: Annotated[float, Field(ge=0, le=0.5)] = 0.03
    """Share of the steps in which it rises."""
    epochs: Annotated[int, Field(ge=1, le=100)] = 3
    """Passes over the dialogues, at most."""
    batch_size: Annotated[int, Field(ge=1, le=4096)] = 32
    """Dialogues a step, gathered from as many as fit at once."""
    max_tokens: Annotated[int, Field(ge=64, le=131_072)] = 2048
    """Prompt and answer together, in training and on the phone."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 17
    """Of everything that is drawn at random."""
    evaluations: Annotated[int, Field(ge=1, le=100)] = 10
    """How often held-out dialogues are scored during training, and a checkpoint is written."""
    patience: Annotated[int, Field(ge=1)] = 3
    """So many scores without a better one end the training."""
    report_to: Trackers = ()
    """Trackers that follow the training; each is a package of its own."""
    data: Path | None = None
    """Dialogues to tune on, JSONL with `messages` (ChatML roles); needed unless the method is "none"."""
    long_dialogues: Literal["fail", "skip"] = "fail"
    """What becomes of dialogues longer than `max_tokens`: an error, or they are left out and counted.

    None is ever cut: half an answer teaches to stop in the middle.
    """
    quantization: Literal["float32", "int8", "int4"] = "int8"
    """How the weights are stored; int4 in blocks of 32."""
    budget: Annotated[int, Field(ge=16, le=100_000)] = 700
    """Tokens of passages in a prompt, at most."""
    answer_tokens: Annotated[int, Field(ge=1, le=8192)] = 256
    """An answer is cut there."""
    exam: Path | None = None
    """Questions with answers, JSONL; without it no generator ships."""
    prompt: GeneratorPrompt = GeneratorPrompt()
    limits: GeneratorLimits = GeneratorLimits()
    targets: GeneratorTargets = GeneratorTargets()
    tiers: GeneratorTiers = GeneratorTiers()

    @field_validator("data", "exam", mode="before")
    @classmethod
    def _path(cls, value: object) -> object:
        return Path(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _taught(self) -> Generator:
        if self.method != "none" and self.data is None:
            raise ValueError('data: tuning needs dialogues; name them, or set method = "none"')
        if self.budget + self.answer_tokens >= self.max_tokens:
            raise ValueError(
                f"budget, answer_tokens: {self.budget} + {self.answer_tokens} tokens leave no room for the "
                f"question in max_tokens, {self.max_tokens}"
            )
        if self.tiers and self.tiers.memory_megabytes < self.limits.memory_megabytes:
            raise ValueError(
                f"tiers.memory_megabytes: a phone of {self.tiers.memory_megabytes} MB can't hold the "
                f"{self.limits.memory_megabytes} MB that limits.memory_megabytes allows the generator"
            )
        return self

    @property
    def room(self) -> int:
        """Tokens that a prompt may have."""
        return self.max_tokens - self.answer_tokens

    @property
    def name(self) -> str:
        """The hub id, or the last part of a folder: no path of the building machine is ever published."""
        return Path(self.base).name if Path(self.base).is_absolute() else self.base
