from pathlib import Path

import pytest

from pocketrag import stage
from pocketrag.errors import InputError

WING = Path(stage.__file__).parents[1] / "training"


def make(counter):
    def inner(out):
        counter.append(1)
        (out / "result").write_text("x" * len(counter))
        return {"runs": len(counter)}

    return inner


def test_runs_once_and_again_only_on_change(tmp_path):
    ran: list[int] = []
    first = stage.run(tmp_path / "s", WING, {"in": "1"}, {"k": 1}, make(ran))
    again = stage.run(tmp_path / "s", WING, {"in": "1"}, {"k": 1}, make(ran))
    assert first.ran and not again.ran and again.digest == first.digest and again.facts == {"runs": 1}
    assert stage.run(tmp_path / "s", WING, {"in": "2"}, {"k": 1}, make(ran)).ran
    assert stage.run(tmp_path / "s", WING, {"in": "2"}, {"k": 2}, make(ran)).ran


@pytest.mark.parametrize("damage", ["change", "remove", "add", "manifest"])
def test_a_damaged_stage_is_made_again(tmp_path, damage):
    ran: list[int] = []
    folder = stage.run(tmp_path / "s", WING, {}, {}, make(ran)).folder
    file = folder / {"add": "more", "manifest": "manifest.json"}.get(damage, "result")
    file.unlink() if damage == "remove" else file.write_text("{}")
    assert stage.load(folder) is None
    assert stage.run(folder, WING, {}, {}, make(ran)).ran


def test_a_missing_stage_says_what_to_run(tmp_path):
    with pytest.raises(InputError, match=r"run `pocketrag tune r\.toml` first"):
        stage.need(tmp_path / "tune", "tune", "r.toml")
