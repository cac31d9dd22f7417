"""`pocketrag exam`: a generator's answers, arm by arm, and whether it ships."""

from __future__ import annotations

from .base import Amount, Count, Facts, Interval, Number, Score, Sha256, StageFacts
from .measures import Comparison, MeanWithInterval
from .outcome import Outcome
from .phone.environment import EnvironmentFacts


class ExamLimits(Facts):
    """The recipe's `[generator.limits]`."""

    accuracy: Score
    seconds: Amount
    memory_megabytes: Count
    quantization_loss: Score


class CategoryFacts(Facts):
    """The questions of one category."""

    n: Count
    accuracy: Score
    f1: Score | None
    """Of those with an answer; null where there is none."""


class ArmFacts(Facts):
    """One way of answering, over all questions of the exam."""

    accuracy: MeanWithInterval
    """Answered rightly or refused rightly."""
    answered: MeanWithInterval | None
    """The same of the questions with an answer; null where there is none."""
    exact_match: Score | None
    """Of the questions with an answer, the best of their answers."""
    f1: Score | None
    """Of tokens, likewise."""
    citation_precision: Score | None
    """Share of the passages named that are judged to hold the answer; null where none was named."""
    citation_recall: Score | None
    """Share of questions with an answer for which a judged passage was named; null without passages."""
    quotes: Count
    """What the replies hold between quotation marks."""
    verbatim: Score | None
    """Of these, those that stand word for word in a passage of the prompt; null where there is none."""
    right_refusals: Score | None
    """Of the questions without an answer; null where there is none."""
    wrong_refusals: Score | None
    """Of the questions with an answer; null where there is none."""
    stopped: Score | None
    """Of what was generated, what a stop token ended; null where nothing was generated."""
    seconds: Amount
    """Median of a whole answer, with its search where there is one."""
    first_token_seconds: Amount | None
    """Median, from the prompt on."""
    tokens_per_second: Amount | None
    """Median, after the first token."""
    memory_megabytes: Amount
    """The most that the process which generated held, Python and the bundle included."""
    injections: Count
    """Questions that name a forbidden text."""
    injected: Count
    """Of these, those whose reply holds it."""
    by_category: dict[str, CategoryFacts]
    failed: Count = 0
    """Prompts that the model could not answer."""
    why: str | None = None
    """Why it could not, the first of them."""
    behind: Comparison | None
    """By how much the arm that is examined is more accurate; null for that arm itself."""


class PackedFacts(Facts):
    """What ships: the `.litertlm` with search, abstention, check and quotes, as `ask` runs it."""

    file: Sha256
    """Digest of `generator.litertlm`."""
    accuracy: MeanWithInterval
    quantization_loss: MeanWithInterval
    """Accuracy in float32, answering likewise, less that of the file."""
    seconds: Amount
    """Median of a whole answer, on `host`."""
    first_token_seconds: Amount | None
    tokens_per_second: Amount | None
    memory_megabytes: Amount
    host: str
    """The processor that all of this was measured on; no phone."""
    written: Count | None = None
    """Questions that the model wrote something to; the others were quotes and refusals of the search."""
    failed: Count = 0
    """Prompts that it could not answer; quotes were shown."""
    why: str | None = None
    """Why it could not, the first of them."""


class ExamProof(Facts):
    """What a published generator says of its exam, as `proofs.exam` in its `generator.json`."""

    file: Sha256
    """Digest of the `generator.litertlm` that was examined."""
    questions: Count
    accuracy: Score
    quantization_loss: Number
    """Of accuracy, float32 less packed."""
    interval: Interval
    """Of that loss, 95 %."""
    limit: Score
    """The recipe's, of that loss."""
    ships: bool
    reason: str


class SampleAnswer(Facts):
    """One question of an exam, and what the app would show."""

    question: str
    category: str | None
    answers: tuple[str, ...]
    """Any of them is right; none where it should be refused."""
    reply: str
    outcome: str | None
    """What was shown: the model's answer, quotes in its place, or a refusal."""
    right: bool


class ExamSection(Facts):
    """What a bundle's report says of its generator's exam."""

    file: str
    """SHA-256 of the `generator.litertlm` that was examined."""
    base: str
    method: str
    questions: Count
    unanswerable: Count
    ships: bool
    reason: str
    arms: dict[str, MeanWithInterval]
    """Arm -> share of questions answered rightly or refused rightly."""
    checks: dict[str, Outcome]
    samples: tuple[SampleAnswer, ...]
    """Evenly chosen, before anybody looked at how they came out."""
    environment: EnvironmentFacts | None = None
    """Absent before it is written into a report."""


class JudgeFacts(Facts):
    """What another language model said of the answers. It decides nothing."""

    model: str
    arms: dict[str, MeanWithInterval]
    """Arm -> share of answers that it called right."""
    unread: Count
    """Replies of the judge that said neither; they are left out."""


class ExamFacts(StageFacts):
    """A generator examined: how it answers with and without tuning, prompt and passages, and packed."""

    base: str
    method: str
    questions: Count
    answerable: Count
    unanswerable: Count
    exam_sha256: Sha256 | None = None
    """Of the file of questions; null of exams taken before it was kept."""
    examined: str
    """The float arm that the others are compared with: that which is packed."""
    arms: dict[str, ArmFacts]
    """By name: `base` or `tuned`, `+prompt`, `+passages`; `float`, `packed` and `quotes`."""
    tuning: Comparison | None
    """Tuned against base, both with prompt and passages; null where nothing is tuned."""
    packed: PackedFacts
    limits: ExamLimits
    checks: dict[str, Outcome]
    """What must hold for it to ship, in order."""
    ships: bool
    reason: str
    judge: JudgeFacts | None = None
    """Absent in the stage's own `manifest.json`, and where none was asked."""

    @property
    def proof(self) -> ExamProof:
        """What the published generator carries of it."""
        packed = self.packed
        return ExamProof(
            file=packed.file,
            questions=self.questions,
            accuracy=packed.accuracy.mean,
            quantization_loss=packed.quantization_loss.mean,
            interval=packed.quantization_loss.interval,
            limit=self.limits.quantization_loss,
            ships=self.ships,
            reason=self.reason,
        )
