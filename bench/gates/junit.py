"""The gates as JUnit XML, for CI systems that show tests.

A gate is a test, `unchecked` and `skipped` are skipped, and say why.

The format has no official schema. What is written keeps to both in use: Ant's (JUnit.xsd of
github.com/windyroad/JUnit-Schema) and Jenkins's (junit-10.xsd of github.com/jenkinsci/xunit-plugin). Against
Ant's, `time` is left out, for gates are not timed; and `hostname` is the "localhost" which that schema asks
for where no name is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from pocketrag.formats.facts.outcome import GateFacts
from pocketrag.formats.facts.verify import VerifyFacts
from pocketrag.formats.gate import FAIL, SKIPPED, UNCHECKED

Environment = Mapping[str, Any]

#: What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets).
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(facts: VerifyFacts, environment: Environment | None = None) -> str:
    """Return the facts of `verify` as JUnit XML.

    Args:
        facts: what `verify` found.
        environment: as `pocketrag.formats.environment.environment` returns it; its values become properties.

    """
    root = Element("testsuites")
    suite = SubElement(root, "testsuite", _suite(facts, environment or {}))
    properties = SubElement(suite, "properties")
    for name, value in _properties(facts, environment or {}):
        SubElement(properties, "property", name=_text(name), value=_text(value))
    for gate in facts.gates:
        _case(suite, facts, gate)
    for name in ("system-out", "system-err"):
        SubElement(suite, name)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(facts: VerifyFacts, environment: Environment) -> dict[str, str]:
    outcomes = [gate.outcome for gate in facts.gates]
    # Ant's schema takes a time without a zone only; ours is UTC.
    time = {"timestamp": environment["time"][:19]} if environment.get("time") else {}
    return {
        "name": _text(f"pocketrag verify {facts.bundle}"),
        "package": "pocketrag",
        "id": "0",
        "hostname": "localhost",
        **time,
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count(FAIL)),
        "errors": "0",
        "skipped": str(outcomes.count(UNCHECKED) + outcomes.count(SKIPPED)),
    }


def _properties(facts: VerifyFacts, environment: Environment) -> list[tuple[str, object]]:
    rows = [("bundle", facts.bundle), ("for", facts.for_), ("exit", facts.exit), *_flat("", environment)]
    return [(name, value) for name, value in rows if value is not None]


def _flat(before: str, facts: Environment) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for key, value in facts.items():
        rows += _flat(f"{before}{key}.", value) if isinstance(value, Mapping) else [(f"{before}{key}", value)]
    return rows


def _case(suite: Element, facts: VerifyFacts, gate: GateFacts) -> None:
    case = SubElement(
        suite, "testcase", name=_text(gate.gate), classname=_text(f"pocketrag.verify.{facts.for_}")
    )
    message = in_one_line(gate)
    if gate.outcome == FAIL:
        SubElement(case, "failure", type="gate", message=_text(message)).text = _text(gate.said)
    elif gate.outcome in (UNCHECKED, SKIPPED):
        SubElement(case, "skipped", message=_text(message))


def in_one_line(gate: GateFacts) -> str:
    """Return a gate's detail in one line, with what was measured and the limit where there are both."""
    value, limit = gate.value, gate.limit
    numbers = "" if value is None or limit is None else f"{value:g} (limit {limit:g}) "
    return numbers + " ".join(gate.said.split())


def _text(value: object) -> str:
    return _UNWRITABLE.sub("\ufffd", str(value))
