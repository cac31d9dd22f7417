"""Killed, broken off or out of room at whichever operation: the old version or the new one answers, whole, and nothing is left behind."""

import pytest

from tests.gradle_bundle import delta_maker, jvm
from tests.gradle_bundle.test_update_steps import version
from tests.gradle_bundle.updated_bundles import later, task

pytestmark = pytest.mark.usefixtures("kotlin")


@pytest.fixture
def given(tiny_bundle, tmp_path):
    """A task of `update_faults`."""
    new = later(tiny_bundle, tmp_path / "0.2", "0.2")
    delta = delta_maker.delta(tiny_bundle, new, tmp_path / "d.ragdelta")
    return task(tiny_bundle, tmp_path / "private", (), delta=delta, new="0.2")[1]


@pytest.mark.parametrize("back", [False, True], ids=["update", "rollback"])
def test_every_operation_fails_once_in_every_way(given, back):
    (found,) = jvm.run(("update_faults", {**given, "back": back}))
    old, rows = version(given["source"]), found["rows"]
    from_, to = ("0.2", old) if back else (old, "0.2")
    assert found["operations"] > (10 if back else 60) and len(rows) == 4 * found["operations"]
    for row in rows:
        # All passages answer, now and after a restart, in one version or the other.
        assert row["answers"] in (f"{from_} 10", f"{to} 10") and row["next"] in (f"{from_} 10", f"{to} 10"), (
            row
        )
        done = row["outcome"] == "done"
        assert not done or row["answers"] == f"{to} 10" == row["next"], row
        # What a kill left is gone after the next start: no half, and one folder of the version that answers.
        assert (
            row["left"] == [".updates", *(["1"] if row["next"] == "0.2 10" else []), "tiny"]
            or row["left"] == []
        ), row
        assert row["again"] == (row["next"] if back else "0.2 10"), row
        if row["fault"] in ("ONCE", "FULL") and not done:
            assert row["outcome"].startswith(
                "DiskFullException: " if row["fault"] == "FULL" else "STORAGE: "
            ), row
    ends = {(row["outcome"] == "killed", row["next"]) for row in rows}
    assert {(True, f"{from_} 10"), (True, f"{to} 10"), (False, f"{to} 10")} <= ends
