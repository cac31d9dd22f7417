from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.bench.page.xy_chart import APART, HEIGHT, Axis, Series, _spaced, draw_lines, draw_points

SVG = "{http://www.w3.org/2000/svg}"


def dots(svg):
    found = ElementTree.fromstring(svg).iter(f"{SVG}circle")
    return [(float(one.get("cx")[:-1]), float(one.get("cy"))) for one in found]


def words(svg):
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_a_linear_axis_is_in_proportion_and_a_logarithmic_one_in_ratios():
    points = [(1.0, 1.0), (10.0, 2.0), (100.0, 3.0)]
    (a, low), (b, middle), (c, high) = dots(
        draw_lines("t", [Series("s", points)], Axis("x", True), Axis("y"))
    )
    assert b - a == pytest.approx(c - b, abs=0.02) and low - middle == pytest.approx(middle - high, abs=0.2)
    assert low > high  # more is up


def test_ticks_are_where_they_are_asked_for_and_the_level_is_within():
    svg = draw_lines(
        "t", [Series("s", [(32, 5), (256, 9)])], Axis("tokens", True, (32, 64, 256)), Axis("ms"), 20
    )
    assert {"32", "64", "256", "20", "tokens", "ms"} <= set(words(svg)) and 'class="limit"' in svg
    assert dots(svg)[0][0] == 0 and dots(svg)[-1][0] == 100


def test_names_stand_beside_their_points_and_are_escaped():
    svg = draw_points("<t>", [Series("<b>", [(1, 1)]), Series("c", [(9, 1)], 1)], Axis("x"), Axis("y"))
    anchors = {one.text: one.get("text-anchor") for one in ElementTree.fromstring(svg).iter(f"{SVG}text")}
    assert anchors["<b>"] == "start" and anchors["c"] == "end"


def test_names_at_ends_do_not_lie_on_each_other_nor_below_the_plot():
    found = _spaced([HEIGHT, HEIGHT - 1.0, 5.0, 4.0])
    ordered = sorted(found)
    assert max(found) <= HEIGHT and all(b - a >= APART for a, b in pairwise(ordered))


@given(
    st.lists(st.tuples(*[st.floats(1e-6, 1e15)] * 2), min_size=1, max_size=5), st.booleans(), st.booleans()
)
def test_any_points_stay_in_the_picture(points, across, up):
    svg = draw_lines("t", [Series("s", points)], Axis("x", across), Axis("y", up))
    for x, y in dots(svg):
        assert -0.01 <= x <= 100.01 and -0.1 <= y <= HEIGHT + 0.1
    assert "nan" not in svg and "inf" not in svg
