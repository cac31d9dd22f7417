"""A table of stages of a test's own, run by the real machinery."""

import sys
from types import ModuleType

from pocketrag.formats.facts.base import Facts
from pocketrag.pipeline import run as module
from pocketrag.pipeline.code import Code
from pocketrag.pipeline.stage import StageSpec

NAME = "stages_of_a_test"


class Anything(Facts, extra="allow"):
    """Whatever a stage of a test says."""


def use(monkeypatch, functions, **specs):
    """Make `specs` (name -> keywords of `StageSpec`) the table; `functions` (name -> function of a job) make the stages."""
    made = ModuleType(NAME)
    for name, function in functions.items():
        setattr(made, name, function)
    monkeypatch.setitem(sys.modules, NAME, made)
    table = {
        name: StageSpec(**{"name": name, "module": NAME, "run": name, "facts": Anything, **more})
        for name, more in specs.items()
    }
    monkeypatch.setattr(module, "STAGES", table)
    set_code(monkeypatch, "1")
    return table


def set_code(monkeypatch, version):
    """Let the code of all stages be of this version."""
    monkeypatch.setattr(module, "code_of", lambda _: Code({"pocketrag.tests": version}, {}))
