"""A packed generator put beside its bundle, with what its exam said of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from pocketrag.console import status

from .. import files
from ..facts.exam import ExamProof
from . import FILES, SPEC, SUMS

EXAM = "exam"


def publish(made: Path, target: Path, exam: ExamProof | None) -> None:
    """Copy a packed generator to `target`, unless the same lies there.

    Args:
        made: the folder of the stage `pack`.
        target: where it goes; what lies there stays whole if anything fails.
        exam: what `generator.json` is to say of its exam.

    """
    spec = files.read_json(made / SPEC)
    if exam is not None:
        spec["proofs"][EXAM] = exam.as_json()
    text = files.to_json(spec)
    wanted = {name: files.sha256(made / name) for name in FILES} | {SPEC: files.text_sha256(text)}
    sums = files.sums_text(wanted)
    if target.is_dir() and files.digests(target) == {**wanted, SUMS: files.text_sha256(sums)}:
        return
    with files.new_folder(target) as fresh:
        for name in FILES:
            shutil.copyfile(made / name, fresh / name)
        (fresh / SPEC).write_text(text, "utf-8")
        (fresh / SUMS).write_text(sums, "utf-8")
    status(f"published {target}")
