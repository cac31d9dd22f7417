"""`pocketrag pack`."""

from __future__ import annotations

from typing import Literal

from .base import Amount, Count, Facts, Number, Score, Sha256, StageFacts


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
    """Of this process's memory."""
    seconds: Amount
    again: Literal["same"] | None = None
    """With `--again`: a second pack, in a process of its own, gave the same bytes."""
    out: str | None = None
    """Where it was published; absent in the stage's own `manifest.json`."""
