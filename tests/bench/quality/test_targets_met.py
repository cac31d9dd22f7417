import pytest
from pocketrag.bench.quality.targets_met import targets


@pytest.mark.parametrize(
    ("name", "wanted", "found", "met"),
    [("recall@5", 0.94, 0.94, True), ("recall@5", 0.95, 0.94, False), ("hard_cases", 25.0, 25.0, True), ("hard_cases", 24.0, 25.0, False)],
)  # fmt: skip
def test_met_or_not(name, wanted, found, met):
    means = {"n": 150, "recall@5": 0.94, "hit@5": round(125 / 150, 6)}
    assert [row.as_json() for row in targets({name: wanted}, means)] == [
        {"target": name, "wanted": wanted, "found": found, "met": met}
    ]
