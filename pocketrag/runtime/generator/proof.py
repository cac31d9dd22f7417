"""What LiteRT-LM really reads and writes of a `.litertlm`, beside its golden file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from itertools import takewhile
from pathlib import Path
from typing import Any

from pocketrag.formats import files
from pocketrag.formats.facts.generator import GreedyProof, MeasuredGenerator, PromptProof
from pocketrag.formats.generator.golden_answers import Answer, Dialogue, GeneratorGolden

from ..litert import silence

Messages = Sequence[dict[str, Any]]
SHOWN = 60
#: Of log-likelihoods: other processors round the rest otherwise.
DIGITS = 4


@dataclass(frozen=True)
class Read:
    """What the runtime made of a dialogue's messages."""

    text: str
    ids: tuple[int, ...]
    prefilled: int
    """Tokens, by its own count."""
    answer: str
    written: int
    """Tokens of the answer."""


class Runtime:
    """A `.litertlm` that LiteRT-LM has opened, on the CPU."""

    def __init__(self, file: Path, max_tokens: int, threads: int = 1) -> None:
        """Open the model.

        Raises:
            ModuleNotFoundError: litert-lm-api is not installed.
            RuntimeError: LiteRT-LM can't open it.

        """
        import litert_lm

        litert_lm.set_min_log_severity(litert_lm.LogSeverity.FATAL)
        self._greedy = litert_lm.SamplerConfig(top_k=1)
        with silence():
            self._engine: Any = litert_lm.Engine(
                str(file),
                backend=litert_lm.Backend.CPU(thread_count=threads),
                max_num_tokens=max_tokens,
                cache_dir=":nocache",
                enable_benchmark=True,  # it counts what it prefills
            )

    @property
    def start(self) -> int | None:
        """The token that it puts before a prompt by itself."""
        found = self._engine.bos_token_id
        return None if found is None else int(found)

    @property
    def stop(self) -> tuple[int, ...]:
        """The tokens that end an answer, ascending; -1 where one is no single token."""
        return tuple(sorted(ids[0] if len(ids) == 1 else -1 for ids in self._engine.eos_token_ids))

    def tokens(self, text: str) -> tuple[int, ...]:
        """Return the model's tokens of a text."""
        return tuple(map(int, self._engine.tokenize(text)))

    def read(self, messages: Messages, most: int) -> Read:
        """Give a conversation its messages as an app does, the last one to be answered."""
        *before, last = (_in_parts(one) for one in messages)
        with silence(), self._conversation(before, most) as talk:
            text = talk.render_message_to_string(last)
            answer = str(talk.send_message(last))
            counted = talk.get_benchmark_info()
        start = () if self.start is None else (self.start,)
        return Read(
            text,
            (*start, *self.tokens(text)),
            counted.last_prefill_token_count,
            answer,
            counted.last_decode_token_count,
        )

    def log_likelihood(self, prompt: str, answer: str) -> float:
        """Return the mean log-likelihood of an answer's tokens behind a prompt, in nats; 0 of none."""
        if not answer:
            return 0.0
        with silence(), self._engine.create_session(apply_prompt_template=False) as session:
            session.run_prefill([prompt])
            scores = session.run_text_scoring([answer], True).token_scores[0]
        return float(sum(scores) / len(scores))

    def close(self) -> None:
        """Give the model's memory back."""
        with silence():
            self._engine.close()

    @contextmanager
    def _conversation(self, before: Messages, most: int) -> Iterator[Any]:
        talk = self._engine.create_conversation(
            messages=list(before),
            sampler_config=self._greedy,
            max_output_tokens=most,
            automatic_tool_calling=False,
        )
        try:
            yield talk
        finally:
            talk.close()


def measure(file: Path, golden: GeneratorGolden, max_tokens: int) -> MeasuredGenerator:
    """Run the golden dialogues.

    Raises:
        ModuleNotFoundError: litert-lm-api is not installed.
        RuntimeError: LiteRT-LM can't open or run the model.

    """
    runtime = Runtime(file, max_tokens)
    try:
        return MeasuredGenerator(
            file=files.sha256(file),
            start=runtime.start,
            stop=runtime.stop,
            prompts=_prompts(runtime, golden),
            greedy=_greedy(runtime, golden),
            runtime=metadata.version("litert-lm-api"),
        )
    finally:
        runtime.close()


def _prompts(runtime: Runtime, golden: GeneratorGolden) -> PromptProof:
    found = [(one, runtime.read(one.messages, 1)) for one in golden.turns]
    return PromptProof(
        dialogues=len(found),
        texts=sum(read.text == one.text for one, read in found),
        ids=sum(read.ids == one.ids for one, read in found),
        counts=sum(read.prefilled == len(one.ids) for one, read in found),
        first_difference=next(filter(None, (_difference(one, read) for one, read in found)), None),
    )


def _difference(one: Dialogue, read: Read) -> str | None:
    if read.ids != one.ids:
        at = next((i for i, (a, b) in enumerate(zip(read.ids, one.ids, strict=False)) if a != b), None)
        where = f"token {at}" if at is not None else f"{len(read.ids)} tokens for {len(one.ids)}"
        return f"{where}: {read.text[:SHOWN]!r} for {one.text[:SHOWN]!r}"
    if read.prefilled != len(one.ids):
        return f"{read.prefilled} tokens were prefilled, there are {len(one.ids)}: {one.text[:SHOWN]!r}"
    return f"{read.text[:SHOWN]!r} for {one.text[:SHOWN]!r}" if read.text != one.text else None


def _greedy(runtime: Runtime, golden: GeneratorGolden) -> GreedyProof:
    found = [(one, runtime.read(one.dialogue.messages, golden.most_tokens)) for one in golden.answers]
    likely = [runtime.log_likelihood(one.dialogue.text, one.text) for one in golden.answers]
    ending = [(one, read) for one, read in found if one.stopped]
    return GreedyProof(
        prompts=len(found),
        tokens=golden.most_tokens,
        equal=sum(_same(one, read) for one, read in found),
        common_prefix=sum(_prefix(one, read, runtime) for one, read in found) / len(found),
        stopped=sum(read.written <= golden.most_tokens and _same(one, read) for one, read in ending),
        to_stop=len(ending),
        log_likelihood=round(sum(likely) / len(likely), DIGITS),
        log_likelihood_float=round(_mean(golden), DIGITS),
        first_difference=next(
            (f"{r.answer[:SHOWN]!r} for {one.text[:SHOWN]!r}" for one, r in found if not _same(one, r)), None
        ),
    )


def _mean(golden: GeneratorGolden) -> float:
    return sum(one.log_likelihood for one in golden.answers) / len(golden.answers)


def _same(one: Answer, read: Read) -> bool:
    return read.answer == one.text


def _prefix(one: Answer, read: Read, runtime: Runtime) -> float:
    if _same(one, read) or not one.ids:  # letters may be cut into tokens otherwise than they were written in
        return float(_same(one, read))
    pairs = zip(one.ids, runtime.tokens(read.answer), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) / len(one.ids)


def _in_parts(message: dict[str, Any]) -> dict[str, Any]:
    # As litertlm-android gives it.
    return {"role": message["role"], "content": [{"type": "text", "text": message["content"]}]}
