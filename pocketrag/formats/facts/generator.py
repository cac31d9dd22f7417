"""`pocketrag instruct` and `pack`."""

from __future__ import annotations

from typing import Literal

from .base import Amount, Count, Facts, Number, NumberOrNone, Score, Sha256, StageFacts
from .evaluate import TargetFacts

#: How far logits of the merged model may lie from those of base and adapter, as a share of the largest.
#: Merging adds two matrices; float32 rounding, summed over the layers, stays below (docs/generator.md).
MERGE_LIMIT = 1e-4


class DialogueCounts(Facts):
    """What became of the dialogues."""

    given: Count
    train: Count
    held_out: Count
    """They share no passage with those that train, and stop the training."""
    left_out: dict[str, Count]
    """Reason -> dialogues."""
    tokens: Count
    """Of the dialogues that train."""
    taught_tokens: Count
    """Of these, the assistant's, which alone count in the loss."""


class HeldOutLoss(Facts):
    """Mean cross-entropy of the assistant's tokens in the held-out dialogues, in nats, float32."""

    base: Amount
    """Before tuning."""
    tuned: Amount


class LoggedLoss(Facts):
    """A line of the trainer's log."""

    epoch: Amount | None = None
    loss: NumberOrNone = None
    """Of training since the line before."""
    eval_loss: NumberOrNone = None
    """On the held-out dialogues."""


class AdapterFacts(Facts):
    """What was trained."""

    rank: Count
    alpha: Count
    projections: tuple[str, ...]
    parameters: Count
    share: Amount
    """Of all parameters, the adapter's included."""
    megabytes: Amount


class MergeProof(Facts):
    """The merged model beside base and adapter: logits of the same tokens, in float32."""

    method: Literal["lora", "qlora"]
    largest_difference: NumberOrNone
    """Of any logit; null where one was not finite."""
    relative_difference: NumberOrNone
    """The same as a share of the largest logit."""
    limit: Amount
    """Of the relative difference."""
    from_training: NumberOrNone
    """The same share between base with adapter and the model as training left it; null for qlora, which
    trained on a base in 4 bits, and where it was not finite."""
    from_base: NumberOrNone
    """The same share between merged model and base: how much tuning changed."""
    prompts: Count
    positions: Count
    """Tokens whose logits were compared."""
    weights: Sha256
    """Digest of the merged weights that this was measured on."""


class InstructFacts(StageFacts):
    """A language model tuned on dialogues, and merged."""

    base: str
    method: Literal["lora", "qlora"]
    dialogues: DialogueCounts
    held_out_loss: HeldOutLoss
    training_loss: NumberOrNone
    """As the trainer logged it last."""
    adapter: AdapterFacts
    merge: MergeProof
    steps: Count
    """Of the optimizer."""
    kept_step: Count | None
    """The step of the checkpoint that was kept; of equal losses the earliest."""
    at_once: Count
    """Dialogues computed at once; a step gathers several of them."""
    went_on_from: str | None
    """The checkpoint of an interrupted training."""
    history: tuple[LoggedLoss, ...]
    device: str
    precision: Literal["bfloat16", "float32"]
    threads: Count
    """Of torch."""
    targets: tuple[TargetFacts, ...] = ()
    """The recipe's `[generator.targets]`, met or not; absent from the stage's own `manifest.json`."""


class PromptProof(Facts):
    """What LiteRT-LM reads of the golden dialogues, beside transformers' `apply_chat_template`."""

    dialogues: Count
    """Of one and of two turns."""
    texts: Count
    """Rendered the same."""
    ids: Count
    """With the same tokens, the start token counted that the runtime puts before them."""
    counts: Count
    """Of which the runtime prefilled as many tokens as there are."""
    first_difference: str | None


class GreedyProof(Facts):
    """Answers by the likeliest token each time, beside transformers' in float32."""

    prompts: Count
    tokens: Count
    """Where each answer is cut."""
    equal: Count
    """Answers with the same text to the end."""
    common_prefix: Score
    """Mean share of the reference's tokens up to the first other one."""
    stopped: Count
    """Of the reference's answers that a stop token ends, those that ended here too."""
    to_stop: Count
    """The reference's answers that a stop token ends."""
    log_likelihood: Number
    """Mean over the tokens of the reference's answers, in nats, of this model."""
    log_likelihood_float: Number
    """The same of the float model."""
    first_difference: str | None


class MeasuredGenerator(Facts):
    """A `.litertlm` as LiteRT-LM runs it."""

    file: Sha256
    start: int | None
    """The token that the runtime puts before a prompt by itself."""
    stop: tuple[int, ...]
    prompts: PromptProof
    greedy: GreedyProof
    runtime: str
    """Version of litert-lm-api."""


class PackFacts(StageFacts):
    """A language model as a `.litertlm`."""

    base: str
    quantization: str
    parameters: Count
    bytes: Count
    sha256: Sha256
    start: int | None
    """The token that the chat template begins a prompt with."""
    stop: tuple[int, ...]
    max_tokens: Count
    zero_blocks: Count
    """Blocks of int4 without any weight, which were given a scale that LiteRT takes."""
    float32: MeasuredGenerator | None
    """The same model before quantizing; null where LiteRT-LM is not installed."""
    measured: MeasuredGenerator | None
    """What ships."""
    peak_bytes: Count
    """Of this process, or of the exporter, which has one of its own."""
    seconds: Amount
    again: Literal["same"] | None = None
    """With `--again`: a second pack, in a process of its own, gave the same bytes."""
    out: str | None = None
    """Where it was published; absent in the stage's own `manifest.json`."""
