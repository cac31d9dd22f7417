"""The tables [train] and [merge] of a recipe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from .section import Section


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


#: What follows a training; each is a package of its own.
Trackers = Annotated[tuple[Literal["tensorboard", "wandb", "trackio"], ...], BeforeValidator(_tuple)]


class Train(Section):
    """How the embedder is tuned; each number's reason stands in docs/training.md."""

    method: Literal["lora", "qlora", "full", "none"] = "lora"
    """LoRA; LoRA on a base in 4 bits (nf4, needs bitsandbytes); all weights; or no tuning."""
    side: Literal["both", "question"] = "both"
    """What is tuned: the model of questions and passages, or that of questions alone.

    Then the passages keep the base's float vectors, and the database stays as it is.
    """
    accept: Literal["win", "marginal"] = "win"
    """The weakest verdict with which the tuned model replaces the base."""
    seed: int = 17
    """Of everything that is drawn at random."""
    epochs: Annotated[int, Field(ge=1, le=100)] = 10
    """Passes over the training questions, at most; early stopping may end it."""
    batch_size: Annotated[int, Field(ge=2, le=4096)] = 64
    """Questions a step; each is told apart from the passages of all others in it."""
    mini_batch_size: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Texts embedded at once; the result does not depend on it.

    By default 32 on a GPU, on a processor what fits its caches.
    """
    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 2e-4
    """At its highest, after the warm-up."""
    warmup_ratio: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    """Share of the steps in which the learning rate rises."""
    max_tokens: Annotated[int, Field(ge=8, le=8192)] = 256
    """Longer texts are cut in training."""
    rank: Annotated[int, Field(ge=1, le=512)] = 32
    """Of the LoRA adapters."""
    alpha: Annotated[int, Field(ge=1, le=1024)] = 64
    """Scale of the adapters, divided by their rank."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """In front of the adapters."""
    strategy: Literal["model", "same_document_other_page", "bm25", "given"] = "model"
    """Where hard negatives come from; "given" are the `negative_ids` of `data.train_pairs`."""
    questions: Annotated[int, Field(ge=1)] | None = None
    """Train on so many questions, spread over the file; by default on all."""
    difficulties: tuple[str, ...] = ()
    """Only training questions of these difficulties; all where empty."""
    categories: tuple[str, ...] = ()
    """Only training questions of these categories; all where empty."""
    negatives: Annotated[int, Field(ge=1, le=10)] = 3
    """Hard negatives a question."""
    relative_margin: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """A hard negative scores by so large a share less than the right passage."""
    patience: Annotated[int, Field(ge=1)] = 3
    """So many scores without a better one end the training."""
    threshold: Annotated[float, Field(ge=0)] = 0.001
    """By how much a score must be higher to be better."""
    evaluations: Annotated[int, Field(ge=1, le=100)] = 10
    """How often the development questions are scored during training, and a checkpoint is written."""
    dev_passages: Annotated[int, Field(ge=10)] | None = None
    """Score them among so many passages, their own included; by default all."""
    matryoshka: tuple[Annotated[int, Field(ge=8)], ...] = (512, 256, 128)
    """Train the first so many dims to be an embedding of their own, beside all of them.

    Empty: only all of them.
    """
    quantization_aware: bool = False
    """Train with the layers' weights rounded as `[export] quantization` will store them."""
    fp16: bool = False
    """Can't be set: training is in bf16 where the GPU or processor has it, else in float32."""
    report_to: Trackers = ()
    """Trackers that follow the training; each is a package of its own."""

    @field_validator("difficulties", "categories", "matryoshka", mode="before")
    @classmethod
    def _tuple(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _whole_weights(self) -> Train:
        if self.method == "qlora" and self.quantization_aware:
            raise ValueError(
                "quantization_aware needs a float base, and qlora has one in 4 bits; choose method lora"
            )
        return self

    @model_validator(mode="after")
    def _tunes_a_side(self) -> Train:
        if self.side == "question" and self.method == "none":
            raise ValueError('side "question" says what is tuned, and method "none" tunes nothing; drop one')
        return self

    @property
    def by_questions(self) -> bool:
        """Whether questions alone are tuned, against fixed vectors of the passages."""
        return self.side == "question"

    @field_validator("fp16")
    @classmethod
    def _never(cls, value: bool) -> bool:
        if value:
            raise ValueError(
                "the activations of EmbeddingGemma overflow fp16; remove the key, bf16 is used "
                "where there is any"
            )
        return value


class Merge(Section):
    """How the tuned weights are put back into the base."""

    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """How much of the way from base to tuned is gone.

    Less keeps more of what the base can do elsewhere (docs/training.md).
    """
