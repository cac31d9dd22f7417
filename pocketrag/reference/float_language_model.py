"""A language model in float32, as transformers runs it: what its packed form is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pocketrag.errors import InputError
from pocketrag.formats.generator.golden_answers import CONTRACT, Answer, Dialogue, GeneratorGolden

from . import golden_dialogues

#: Tokens of each answer that are compared.
ANSWER = 24
#: Of log-likelihoods: other processors round the rest otherwise.
DIGITS = 4
#: Tokens of the long prompts' text, more than LiteRT-LM reads at a time.
LONG = 160
SENTENCE = "The arbiter walks through the hall, looks at every clock and writes down what it shows. "

Messages = Sequence[dict[str, str]]


class FloatModel:
    """Model and tokenizer of a checked folder; only safetensors, no code of the model's own."""

    def __init__(self, folder: Path) -> None:
        """Load both.

        Raises:
            InputError: weights are missing or of another shape.

        """
        self.tokenizer, self._model = load_tokenizer(folder), load_causal(folder)

    def golden(self, stop: Sequence[int], max_tokens: int) -> GeneratorGolden:
        """Return what the model makes of the golden dialogues; `max_tokens` are prompt and answer."""
        count = min(LONG, max(1, max_tokens // 3)) // max(1, len(self._tokens(SENTENCE)))
        long = SENTENCE * max(1, count)
        return GeneratorGolden(
            contract=CONTRACT,
            turns=tuple(self._dialogue(messages) for messages in golden_dialogues.turns()),
            answers=tuple(self._answer(messages, stop) for messages in golden_dialogues.questions(long)),
            most_tokens=ANSWER,
        )

    def prompt(self, messages: Messages) -> tuple[int, ...]:
        """Return the tokens that the model reads of messages, the assistant's turn begun."""
        return self._dialogue(messages).ids

    def answer(
        self, prompt: Sequence[int], stop: Sequence[int], most: int, told: Callable[[], None]
    ) -> tuple[str, int, bool]:
        """Return what the model answers, the likeliest token each time, its tokens, and whether it stopped.

        Args:
            prompt: tokens.
            stop: tokens that end an answer.
            most: tokens at which it is cut.
            told: is called for each token as it is written.

        """
        kept, stopped = self._without_stop(self._greedy(prompt, stop, most, told), stop)
        return self._text(kept), len(kept), stopped

    def _dialogue(self, messages: Messages) -> Dialogue:
        said = self.tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, return_dict=True
        )
        text = self.tokenizer.apply_chat_template(list(messages), add_generation_prompt=True, tokenize=False)
        return Dialogue(messages=tuple(messages), text=text, ids=tuple(said["input_ids"]))

    def _answer(self, messages: Messages, stop: Sequence[int]) -> Answer:
        dialogue = self._dialogue(messages)
        kept, stopped = self._without_stop(self._greedy(dialogue.ids, stop), stop)
        text = self._text(kept)
        return Answer(
            dialogue=dialogue,
            ids=tuple(kept),
            text=text,
            stopped=stopped,
            log_likelihood=self.log_likelihood(dialogue.ids, self._tokens(text)),
        )

    @staticmethod
    def _without_stop(ids: list[int], stop: Sequence[int]) -> tuple[list[int], bool]:
        stopped = bool(ids) and ids[-1] in stop
        return (ids[:-1] if stopped else ids), stopped

    def _text(self, ids: Sequence[int]) -> str:
        return str(
            self.tokenizer.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False)
        )

    def _greedy(
        self,
        ids: Sequence[int],
        stop: Sequence[int],
        most: int = ANSWER,
        told: Callable[[], None] | None = None,
    ) -> list[int]:
        import torch
        from transformers import GenerationConfig

        # Of its own: a model's settings may punish repetitions, which LiteRT-LM does not.
        settings = GenerationConfig(
            max_new_tokens=most, do_sample=False, eos_token_id=list(stop), pad_token_id=stop[0]
        )
        given = torch.tensor([list(ids)])
        with torch.inference_mode():
            found = self._model.generate(
                input_ids=given,
                attention_mask=torch.ones_like(given),
                generation_config=settings,
                streamer=_Told(told) if told else None,
            )
        return [int(one) for one in found[0, given.shape[1] :]]

    def log_likelihood(self, before: Sequence[int], answer: Sequence[int]) -> float:
        """Return the mean log-likelihood of the answer's tokens behind a prompt, in nats; 0 of none."""
        import torch

        if not answer:
            return 0.0
        with torch.inference_mode():
            logits = self._model(input_ids=torch.tensor([[*before, *answer]]), use_cache=False).logits[0]
        rows = torch.log_softmax(logits[len(before) - 1 : -1].double(), -1)
        found = float(rows[torch.arange(len(answer)), torch.tensor(list(answer))].mean())
        return round(found, DIGITS)

    def _tokens(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])


class _Told:
    """What `generate` calls a streamer: it is given the prompt first, then token after token."""

    def __init__(self, told: Callable[[], None]) -> None:
        self._told, self._begun = told, False

    def put(self, _: object) -> None:
        if self._begun:
            self._told()
        self._begun = True

    def end(self) -> None:
        """Do nothing: the whole answer is returned."""


def load_causal(folder: Path, **more: Any) -> Any:  # noqa: ANN401 - a PreTrainedModel
    """Load a language model in float32; `more` is how, such as `quantization_config`.

    Raises:
        InputError: a weight is missing, or of another shape: transformers would put random numbers there.

    """
    import torch
    from transformers import AutoModelForCausalLM

    found: Any = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=torch.float32,
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
        **more,
    )
    model, said = found
    wrong = [*said["missing_keys"], *(key for key, *_ in said["mismatched_keys"])]
    if wrong:
        raise InputError(
            f"{folder}: weights are missing or of another shape: {', '.join(sorted(wrong)[:3])}."
        )
    return model.eval()


def load_tokenizer(folder: Path) -> Any:  # noqa: ANN401 - a PreTrainedTokenizer
    """Load a folder's tokenizer, without running code of the model's own."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
