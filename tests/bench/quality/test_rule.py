"""The rule of the ladder: which encoder ships as the main one, and which beside it."""

import pytest
from pocketrag.bench.quality.rule import decide

from pocketrag.formats.bundle_limits import Limits
from pocketrag.formats.facts.measures import Agreement, Comparison, Means
from pocketrag.formats.facts.students import Compared, Predicted
from pocketrag.recipe.students import Ship

EVERYONE = ("small", "middle", "full")


def compared(difference, low, verdict):
    return Comparison(
        measure="ndcg@10", n=100, difference=difference, interval=(low, difference + 0.02), better=1, worse=1, verdict=verdict
    )  # fmt: skip


def encoder(name, megabytes, loss=None, low=None, over_bm25="WIN", ndcg=0.6, over=None):
    means = Means(
        n=100, recall_1=0.5, recall_5=0.5, recall_10=0.5, hit_1=0.5, hit_5=0.5, hit_10=0.5, mrr_10=0.5, ndcg_10=ndcg
    )  # fmt: skip
    return Compared(
        name=name,
        kind="full" if name == "full" else "static",
        bytes=int(megabytes * 1e6),
        mode="hybrid",
        dense_weight=0.5,
        modes={"hybrid": means},
        overlap=Agreement(mean=0.7, interval=(0.6, 0.8), n=100, top=10),
        abstention=None,
        predicted=Predicted(device="a", soc="b", ms=1, low_ms=1, high_ms=1),
        against_full=None if loss is None else compared(-loss, low, "REGRESSION"),
        against_bm25=compared(0.1, 0.05 if over_bm25 == "WIN" else -0.01, over_bm25),
        against_base=None,
        against_smaller={
            smaller: compared(0.05, low, verdict) for smaller, (low, verdict) in (over or {}).items()
        },
    )


def roles(*encoders, ship=Ship(), limits=Limits(), may=EVERYONE):  # noqa: B008 - they are frozen
    rungs = decide(list(encoders), ship, limits, may)
    assert [rung.bytes for rung in rungs] == sorted(rung.bytes for rung in rungs)
    return {rung.name: rung.role for rung in rungs}, {rung.name: rung.why for rung in rungs}


FULL = encoder("full", 130)
BETTER = {"small": (0.01, "WIN")}


@pytest.mark.parametrize("over", [{"small": (-0.001, "MARGINAL")}, {}])
def test_a_larger_student_that_is_not_shown_to_find_more_does_not_ship(over):
    """Not as the main one where it comes close to the full model and the smaller one does not, nor beside it."""
    small, middle = encoder("small", 3, 0.09, -0.1), encoder("middle", 10, 0.0, -0.01, ndcg=0.9, over=over)
    found, why = roles(FULL, small, middle)
    assert found == {"small": "fallback", "middle": None, "full": "main"}
    assert "not shown to find more than small, which is smaller" in why["middle"]
    assert ("+0.050 [-0.001, +0.070]" in why["middle"]) == bool(over)
    assert roles(FULL, small, middle, may=("middle", "full"))[0]["middle"] == "main", (
        "nothing smaller is named"
    )
    weak = encoder("small", 3, 0.09, -0.1, over_bm25="MARGINAL")
    assert roles(FULL, weak, middle)[0]["middle"] == "main", "nor does full text need an encoder"


def test_a_weak_one_between_does_not_keep_a_larger_one_out():
    small, middle = encoder("small", 3, 0.09, -0.1), encoder("middle", 10, 0.05, -0.08)
    large = encoder("large", 20, 0.0, -0.01, over=BETTER)
    everyone = (*EVERYONE, "large")
    found, why = roles(FULL, small, middle, large, may=everyone)
    assert found == {"small": "fallback", "middle": None, "large": "main", "full": None}
    assert "not shown to find more than small" in why["middle"]


def test_one_that_is_shown_to_find_more_ships():
    small, middle = encoder("small", 3, 0.09, -0.1), encoder("middle", 10, 0.0, -0.01, over=BETTER)
    assert roles(FULL, small, middle)[0] == {"small": "fallback", "middle": "main", "full": None}


def test_a_student_that_loses_too_much_stands_beside_the_full_model():
    found, why = roles(FULL, encoder("small", 8, 0.035, -0.06))
    assert found == {"small": "fallback", "full": "main"}
    assert why["full"] == "no smaller one comes close enough"
    assert (
        "beat full text" in why["small"] and "loses 0.035 (limit 0.01), perhaps loses 0.060" in why["small"]
    )


def test_the_smallest_that_loses_little_ships():
    found, why = roles(
        FULL, encoder("small", 8, 0.009, -0.02), encoder("middle", 30, 0.0, -0.01, over=BETTER)
    )
    assert found == {"small": "main", "middle": None, "full": None}
    assert "small is smaller" in why["middle"]


@pytest.mark.parametrize(("loss", "low"), [(0.011, -0.02), (0.005, -0.031)])
def test_both_the_mean_and_the_lower_end_count(loss, low):
    assert roles(FULL, encoder("small", 8, loss, low))[0]["full"] == "main"
    loose = Ship(loss=0.02, worst_loss=0.05)
    assert roles(FULL, encoder("small", 8, loss, low), ship=loose)[0] == {"small": "main", "full": None}


def test_what_alone_keeps_to_the_limit_ships_whatever_it_loses():
    found, why = roles(FULL, encoder("small", 8, 0.05, -0.08), limits=Limits(model_megabytes=15.0))
    assert found == {"small": "main", "full": None}
    assert "best within" in why["small"] and "over 15 MB" in why["full"]


def test_of_several_within_the_limit_the_best_ships_and_the_smaller_beside_it():
    small = encoder("small", 3, 0.09, -0.1, ndcg=0.5)
    middle = encoder("middle", 10, 0.05, -0.08, ndcg=0.55, over=BETTER)
    found, _ = roles(FULL, small, middle, limits=Limits(model_megabytes=15.0))
    assert found == {"small": "fallback", "middle": "main", "full": None}


def test_what_is_no_better_than_full_text_never_ships():
    weak = encoder("small", 8, 0.0, -0.01, over_bm25="MARGINAL")
    found, why = roles(FULL, weak)
    assert found == {"small": None, "full": "main"} and why["small"] == "no better than full text"
    assert roles(FULL, weak, limits=Limits(model_megabytes=15.0))[0] == {"small": None, "full": "main"}


def test_only_what_the_recipe_names_ships():
    found, why = roles(FULL, encoder("small", 8, 0.05, -0.08), may=("small",))
    assert found == {"small": "main", "full": None} and "ship.encoders" in why["full"]
    assert roles(FULL, encoder("small", 8, 0.05, -0.08), may=("full",))[0] == {"small": None, "full": "main"}
