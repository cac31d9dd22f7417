"""What must hold for a generator to ship: each check is seen to fail, and says what decided."""

import pytest
from pocketrag.bench.answers.decision import checks_of, decided

from pocketrag.formats.facts.exam import ExamLimits, PackedFacts
from pocketrag.formats.facts.measures import Comparison, MeanWithInterval

LIMITS = ExamLimits(accuracy=0.75, seconds=15, memory_megabytes=3000, quantization_loss=0.02)


def mean(value, low, high, n=60):
    return MeanWithInterval(mean=value, interval=(low, high), n=n)


def packed(**other):
    found = {
        "file": "0" * 64, "accuracy": mean(0.8, 0.7, 0.9), "quantization_loss": mean(0.01, -0.02, 0.05), "seconds": 4.2,
        "first_token_seconds": 1.0, "tokens_per_second": 9.0, "memory_megabytes": 700.0, "host": "a desktop",
    }  # fmt: skip
    return PackedFacts.model_validate({**found, **other})


def tuning(difference, low, high, verdict):
    return Comparison(
        measure="accuracy",
        n=60,
        difference=difference,
        interval=(low, high),
        better=3,
        worse=1,
        verdict=verdict,
    )


def test_it_ships_and_a_phone_is_unchecked():
    checks = checks_of(packed(), LIMITS, tuning(0.1, 0.02, 0.2, "WIN"))
    assert {name: one.outcome for name, one in checks.items()} == {
        "prompts": "pass", "accuracy": "pass", "seconds": "pass", "memory": "pass", "quantization": "pass", "tuning": "pass", "phone": "unchecked",
    }  # fmt: skip
    ships, reason = decided(checks)
    assert ships and "on a phone" in reason
    assert "reaches below the limit" in checks["accuracy"].detail
    assert "do not rule out more" in checks["quantization"].detail and "a desktop" in checks["seconds"].detail


@pytest.mark.parametrize(
    ("check", "other", "compared"),
    [
        ("accuracy", {"accuracy": mean(0.74, 0.6, 0.8)}, None),
        ("seconds", {"seconds": 15.1}, None),
        ("memory", {"memory_megabytes": 3001.0}, None),
        ("quantization", {"quantization_loss": mean(0.0333, -0.01, 0.08)}, None),
        ("tuning", {}, tuning(-0.02, -0.1, 0.05, "REGRESSION")),
    ],
)
def test_each_limit_holds_it_back(check, other, compared):
    checks = checks_of(packed(**other), LIMITS, compared)
    assert [name for name, one in checks.items() if one.outcome == "fail"] == [check]
    ships, reason = decided(checks)
    assert not ships and reason.startswith(f"{check}: ")


def test_a_tie_may_ship_and_nothing_tuned_is_not_compared():
    assert checks_of(packed(), LIMITS, tuning(0.0, -0.1, 0.1, "MARGINAL"))["tuning"].outcome == "pass"
    assert checks_of(packed(), LIMITS, None)["tuning"].outcome == "skipped"


def test_where_the_interval_is_certain_nothing_is_added():
    checks = checks_of(packed(accuracy=mean(0.9, 0.8, 1), quantization_loss=mean(0, 0, 0.01)), LIMITS, None)
    assert checks["accuracy"].detail.endswith("the mean decides")
    assert checks["quantization"].detail.endswith("the mean decides")


def test_a_model_that_wrote_nothing_is_not_judged_by_its_quotes():
    why = "the prompt has 699 tokens, and the model takes 468"
    checks = checks_of(packed(written=0, failed=40, why=why), LIMITS, tuning(0.1, 0.02, 0.2, "WIN"))
    assert checks["prompts"].outcome == "fail" and why in checks["prompts"].detail
    assert {checks[name].outcome for name in ("seconds", "quantization", "tuning")} == {"unchecked"}
    assert not decided(checks)[0]
    some = checks_of(packed(written=30, failed=10, why=why), LIMITS, None)
    assert some["prompts"].outcome == "fail" and some["seconds"].outcome == "pass"
    assert checks_of(packed(written=40), LIMITS, None)["prompts"].outcome == "pass"
