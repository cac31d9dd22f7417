"""Questions beside their negations: what a model of words without order may take for one question."""

from __future__ import annotations

from pathlib import Path

from pocketrag.errors import InputError

from .faults import Faults
from .lines import read_lines
from .origin import refuse_synthetic
from .text_checks import check_text, json_object

#: The keys of a line.
KEYS = ("text", "negated")


def read_negations(file: Path) -> list[tuple[str, str]]:
    """Read pairs of a question and its negation, JSONL with `text` and `negated`, in file order.

    Raises:
        InputError: the file is missing or empty, or a line is not UTF-8, not JSON, lacks one of both, or has
            the same text twice, or is a model's.

    """
    refuse_synthetic(file)
    pairs, faults = [], Faults()
    for number, line in read_lines(file):
        with faults.collected():
            pairs.append(_pair(f"{file}:{number}", line))
    faults.refuse()
    if not pairs:
        raise InputError(f"{file}: is empty; expected one JSON object with `text` and `negated` a line.")
    return list(dict.fromkeys(pairs))


def _pair(where: str, line: str) -> tuple[str, str]:
    record = json_object(where, line, "`text` and `negated`")
    for key in KEYS:
        check_text(where, key, record.get(key))
    text, negated = (str(record[key]) for key in KEYS)
    if text == negated:
        raise InputError(f"{where}: `text` and `negated` are the same.")
    return text, negated
