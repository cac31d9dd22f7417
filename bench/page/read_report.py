"""A report's sections, checked one by one: each is whole, missing, or not readable, and the page says which.

Reports come from other machines and other versions: a key of the wrong type makes its section unreadable, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from pocketrag.formats.bundle_report import Report

from .report_facts import Build, Device, Gate, Latency, Parity, Part, Prediction, Quality, Verdict, Verify


def measure(row: Mapping[str, Any] | None, name: str) -> float | None:
    """Return a measure such as `ndcg@10`, None where it is missing or no number in [-1, 1]."""
    value = (row or {}).get(name)
    return float(value) if isinstance(value, int | float) and -1 <= value <= 1 else None


P = TypeVar("P", bound=Part)


class Facts:
    """A report's sections: each one checked, or None and why."""

    def __init__(self, report: Report) -> None:
        """Check them all."""
        #: Section -> what is wrong with it.
        self.unreadable: dict[str, str] = {}
        self.report = report
        self.gates: list[Gate] = [g for n, row in enumerate(report.gates) if (g := self._read(Gate, row, f"gates.{n}"))]
        self.verdict = self._read(Verdict, report.verdict, "verdict")
        self.quality = self._read(Quality, report.quality or None, "quality")
        self.build = self._read(Build, report.build, "build")
        self.verify = self._read(Verify, report.verify, "verify")
        self.latency = self._read(Latency, report.latency, "latency")
        self.parity = self._read(Parity, report.parity, "parity")
        self.prediction = self._read(Prediction, report.prediction, "prediction")
        found = {key: self._read(Device, row, f"devices.{key}") for key, row in report.devices.items()}
        self.devices: dict[str, Device] = {key: device for key, device in found.items() if device}

    def _read(self, part: type[P], values: Any, section: str) -> P | None:  # noqa: ANN401 - any JSON value
        if values is None:
            return None
        try:
            return part.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            self.unreadable[section] = f"`{'.'.join(map(str, (section, *first['loc'])))}`: {first['msg']}"
            return None

    def broken(self, section: str) -> list[str]:
        """Return what is wrong with a section and its parts."""
        return [why for name, why in self.unreadable.items() if name.split(".")[0] == section]
