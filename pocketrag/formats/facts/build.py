"""`pocketrag build`."""

from __future__ import annotations

from .asked import JudgedQuestions
from .base import Amount, Count, Facts, Sha256
from .bundle import VerdictFacts
from .evaluate import ChosenFacts, JudgedFacts
from .export import ConvertFacts, QuantizeFacts
from .index import IndexFacts
from .npu import NpuFacts
from .outcome import GateFacts
from .phone.environment import Measured
from .students import DistillFacts, LadderFacts
from .training import MergeFacts, MineFacts, TuneFacts
from .trim import TrimFacts


class QualityFacts(Facts):
    """The models on the test questions."""

    base: JudgedFacts | None = None
    """In float32."""
    tuned: JudgedFacts | None = None
    """In float32; absent where nothing was tuned."""
    shipped: JudgedFacts | None = None
    """As it ships."""

    @property
    def models(self) -> dict[str, JudgedFacts]:
        """Those that are there, by name."""
        return {
            name: model for name in ("base", "tuned", "shipped") if (model := getattr(self, name)) is not None
        }


class StagesFacts(Facts):
    """What the stages found out."""

    trim: TrimFacts | None = None
    mine: MineFacts | None = None
    tune: TuneFacts | None = None
    merge: MergeFacts | None = None
    choose: ChosenFacts | None = None
    """What questions that a model wrote chose, where none of people's judge."""
    convert: ConvertFacts
    quantize: QuantizeFacts
    index: IndexFacts
    distill: dict[str, DistillFacts] | None = None
    """By student."""
    npu: NpuFacts | None = None
    """Files for NPUs; absent where the recipe asks for none, or nothing could be compiled here."""
    ladder: LadderFacts | None = None
    """All encoders that were tried; absent where the full one is alone."""


class ModelUpdateFacts(Facts):
    """No passage changed since the version that was published before: apps with it need the model alone."""

    before: str
    """That version."""
    model_id_before: str
    bytes: Count
    """What they need; the whole bundle has `bytes` of the build."""
    command: str
    """Writes it."""


class BuildFacts(Facts):
    """A bundle that was built, verified and published; the report beside it begins with the same."""

    schema_: int
    name: str
    version: str
    model_id: str
    base_model: str
    manifest_sha256: Sha256 | None
    verdict: VerdictFacts
    quality: QualityFacts
    questions: JudgedQuestions | None = None
    """Absent where the recipe has none that people judged."""
    stages: StagesFacts
    files: dict[str, Count]
    """Name -> bytes."""
    bytes: Count
    gates: tuple[GateFacts, ...]
    standing: str
    """How far it is from a release, in the sentence that `verify` and `report` say too."""
    bundle: str
    """Where it was published."""
    update: ModelUpdateFacts | None = None
    """Absent where no earlier version was published, or where apps with it need the whole bundle."""
    seconds: Amount


class BuildTime(Facts):
    """How long the build took."""

    seconds: Amount


class BuildSection(Measured, BuildTime):
    """The same in a report."""
