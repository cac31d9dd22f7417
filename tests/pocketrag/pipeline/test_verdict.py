import pytest

from pocketrag.formats.bundle_limits import Limits
from pocketrag.pipeline.verdict import fallen, objections, regressions
from pocketrag.recipe.data_files import Data
from pocketrag.recipe.recipe import Recipe, Train

RECIPE = Recipe(name="r", data=Data(corpus="c", queries="q", qrels="r"), limits=Limits(guard_loss=0.02))
MARGINAL = RECIPE.model_copy(update={"train": Train(accept="marginal")})


@pytest.mark.parametrize(
    ("recipe", "verdict", "guard", "ships"),
    [
        (RECIPE, "WIN", None, True),
        (RECIPE, "WIN", -0.02, True),
        (RECIPE, "WIN", -0.0201, False),
        (RECIPE, "WIN", float("nan"), False),
        (RECIPE, "MARGINAL", None, False),
        (MARGINAL, "MARGINAL", 0.0, True),
        (MARGINAL, "MARGINAL", -0.03, False),
        (MARGINAL, "REGRESSION", None, False),
    ],
)
def test_what_ships(recipe, verdict, guard, ships):
    facts = {
        "against_base": {"verdict": verdict},
        **({} if guard is None else {"guard": {"difference": guard}}),
    }
    assert (objections(recipe, facts) == []) == ships


def test_the_reason_is_said():
    assert fallen(RECIPE.limits, {"difference": -0.05}) == [
        "guard: nDCG@10 -0.0500 out of domain, at most -0.0200 is allowed"
    ]
    assert "REGRESSION against the base" in objections(RECIPE, {"against_base": {"verdict": "REGRESSION"}})[0]


def test_marginal_is_no_regression_but_an_unknown_verdict_is():
    rows = {"float32": {"verdict": "MARGINAL"}, "as shipped": None}
    assert regressions(RECIPE.limits, rows, {"difference": -0.01}) == []
    assert regressions(RECIPE.limits, {"float32": {"verdict": "?"}, "as shipped": {}}, None) == [
        "float32: ?",
        "as shipped: None",
    ]
