"""What tests cost: the dearest files run first, so that no worker is left alone with one; the dearest tests are `slow`.

`pytest --store-costs` on a quiet machine writes costs.json anew.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

FILE = Path(__file__).with_name("costs.json")
#: A test that takes longer, all its parameters together, is slow (seconds); below that is half a minute of a thousand tests.
SLOW = 2.0
#: What takes longer, or needs what is dear, `make test` leaves to `make test-all` (seconds).
LONG = 5.0
#: Fixtures that take longer than that by themselves; what asks for one is slow as well.
DEAR = {
    "after",
    "before",
    "converted",
    "demo",
    "examined",
    "generator_folder",
    "installed",
    "gemma_built",
    "measured",
    "model_built",
    "npu_built",
    "packed_gemma",
    "packed_qwen",
    "rows",
    "side_built",
    "small",
    "students_built",
    "trimmed",
    "tuned",
    "tuned_built",
    "unasked",
    "wheel",
    "written",
}
#: Test files that share what is slow to make.
TOGETHER = {
    "test_pack.py": "packs",
    "test_quantized.py": "packs",
    "test_generator_gates.py": "packs",
    "test_demo.py": "demo",
    "test_readme.py": "demo",
    "test_tutorials.py": "demo",
    "test_release.py": "releases",
    "test_fallback.py": "releases",
}


def group_of(nodeid: str) -> str:
    """Return what runs in one process, for what it shares: a file's tests, or those of some files."""
    file = nodeid.split("::")[0]
    return TOGETHER.get(Path(file).name, file)


def name_of(nodeid: str) -> str:
    """Return a test's name without folder and parameters, so that it outlives a move."""
    return nodeid.split("[")[0].split("/")[-1]


#: In `make test` whatever it takes: the whole way from the handbook to bundles behind their gates.
WHOLE_WAY = ("test_demo.py", "test_npu_demo.py")


class Costs:
    """The table as it was stored; registered as a plugin, it makes a new one."""

    def __init__(self) -> None:
        stored = json.loads(FILE.read_text("utf-8"))
        self.groups: dict[str, float] = stored["groups"]
        self.slow: dict[str, float] = stored["slow"]
        self.found: tuple[Counter[str], Counter[str]] = Counter(), Counter()

    def is_slow(self, item) -> bool:
        """Whether `make test-fast` leaves the test out."""
        return name_of(item.nodeid) in self.slow or not DEAR.isdisjoint(item.fixturenames)

    def is_long(self, item) -> bool:
        """Whether `make test` leaves the test out, and `make test-all` alone runs it."""
        if Path(item.nodeid.split("::")[0]).name in WHOLE_WAY:
            return False
        return self.slow.get(name_of(item.nodeid), 0) > LONG or not DEAR.isdisjoint(item.fixturenames)

    def cost(self, nodeid: str) -> float:
        """Return the seconds of a test's group, fixtures included."""
        return self.groups.get(Path(group_of(nodeid)).name, 0)

    def pytest_runtest_logreport(self, report) -> None:
        """Count a phase of a test."""
        nodeid = report.nodeid.split("@")[0]  # xdist adds the group
        self.found[0][Path(group_of(nodeid)).name] += report.duration
        if report.when == "call":  # what fixtures take is shared by others
            self.found[1][name_of(nodeid)] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write what was counted, dearest first."""
        groups, slow = (
            {name: round(s, 1) for name, s in found.most_common() if s >= SLOW} for found in self.found
        )
        FILE.write_text(json.dumps({"groups": groups, "slow": slow}, indent=1) + "\n", "utf-8")
