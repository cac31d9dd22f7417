"""A report's sections, checked one by one: each is whole, missing, or not readable, and the page says which.

Reports come from other machines and other versions: a key of the wrong type makes its section unreadable, and
no other.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import JsonValue, ValidationError

from pocketrag.formats.bundle_report import Report
from pocketrag.formats.facts.asked import JudgedQuestions
from pocketrag.formats.facts.base import Facts
from pocketrag.formats.facts.build import BuildSection, QualityFacts
from pocketrag.formats.facts.bundle import VerdictFacts
from pocketrag.formats.facts.exam import ExamSection
from pocketrag.formats.facts.index import IndexFacts
from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.parity import ParitySection
from pocketrag.formats.facts.phone.device import DeviceSection
from pocketrag.formats.facts.phone.environment import EnvironmentFacts
from pocketrag.formats.facts.phone.latency import LatencySection
from pocketrag.formats.facts.phone.prediction import PredictionSection
from pocketrag.formats.facts.students import DistillFacts, LadderFacts
from pocketrag.formats.facts.training import TuneFacts
from pocketrag.formats.facts.verify import VerifySection

from .partial import partial

F = TypeVar("F", bound=Facts)

#: Where something was measured of which nothing is known.
NOWHERE = partial(EnvironmentFacts)()


class Sections:
    """A report's sections: each one checked, or None and why.

    Of what is there a key may be missing: see `partial`.
    """

    def __init__(self, report: Report) -> None:
        """Check them all."""
        #: Section -> what is wrong with it.
        self.unreadable: dict[str, str] = {}
        self.report = report
        # A gate is whole or says nothing.
        self.gates = [
            g for n, row in enumerate(report.gates) if (g := self._read(GateFacts, row, f"gates.{n}"))
        ]
        self.verdict = self._read(partial(VerdictFacts), report.verdict, "verdict")
        self.quality = self._read(partial(QualityFacts), dict(report.quality) or None, "quality")
        self.ladder = self._read(LadderFacts, report.stages.get("ladder"), "ladder")
        self.questions = self._read(JudgedQuestions, report.questions, "questions")
        self.index = self._read(partial(IndexFacts), report.stages.get("index"), "index")
        self.tune = self._read(partial(TuneFacts), report.stages.get("tune"), "tune")
        self.distill = self._each(DistillFacts, report.stages.get("distill"), "distill")
        self.build = self._read(partial(BuildSection), report.build, "build")
        self.verify = self._read(partial(VerifySection), report.verify, "verify")
        self.latency = self._read(partial(LatencySection), report.latency, "latency")
        self.parity = self._read(partial(ParitySection), report.parity, "parity")
        self.answers = self._read(ExamSection, report.answers, "answers")
        self.prediction = self._read(partial(PredictionSection), report.prediction, "prediction")
        self.devices = self._each(DeviceSection, dict(report.devices), "devices")

    def _each(self, model: type[F], values: JsonValue, section: str) -> dict[str, F]:
        if not isinstance(values, dict):
            return {}
        found = {key: self._read(partial(model), row, f"{section}.{key}") for key, row in values.items()}
        return {key: facts for key, facts in found.items() if facts}

    def _read(self, model: type[F], values: JsonValue, section: str) -> F | None:
        if values is None:
            return None
        try:
            return model.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            self.unreadable[section] = f"`{'.'.join(map(str, (section, *first['loc'])))}`: {first['msg']}"
            return None

    def broken(self, section: str) -> list[str]:
        """Return what is wrong with a section and its parts."""
        return [why for name, why in self.unreadable.items() if name.split(".")[0] == section]
