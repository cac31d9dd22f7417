from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pocketrag.bench.page.bar_chart import Bar, draw

SVG = "{http://www.w3.org/2000/svg}"


def parse(text):
    return ElementTree.fromstring(text)


def percent(element, name):
    assert element.get(name).endswith("%")
    return float(element.get(name)[:-1])


def bars(svg):
    return [(percent(r, "x"), percent(r, "width")) for r in parse(svg).iter(f"{SVG}rect")]


def test_bars_begin_at_zero_and_are_in_proportion():
    (a, long), (b, half), (c, negative) = bars(
        draw("t", [Bar("a", 2, "2"), Bar("b", 1, "1"), Bar("c", -1, "-1")], "ms")
    )
    assert (
        a == b
        and long == pytest.approx(2 * half, abs=0.2)
        and c + negative == pytest.approx(a, abs=0.2)
        and negative == pytest.approx(half, abs=0.2)
    )


def test_an_interval_lies_around_its_value_and_ends_in_an_arrow_beyond_the_axis():
    row = Bar("a", 10, "10", (5, 100))
    whole, cut = draw("t", [row], "ms"), draw("t", [row], "ms", limit=10, most=40)
    low, high = whisker(whole)
    ((left, width),) = bars(whole)
    assert low < left + width < high and "beyond" not in whole
    assert whisker(cut)[1] == 100 and "beyond" in cut


def whisker(svg):
    (group,) = [g for g in parse(svg).iter(f"{SVG}g") if g.get("class") == "whisker"]
    along = next(iter(group))
    return percent(along, "x1"), percent(along, "x2")


def test_pictures_of_one_reach_have_one_scale():
    assert (
        bars(draw("t", [Bar("a", 1, "1")], "MB", reach=20))
        == bars(draw("t", [Bar("a", 1, "1"), Bar("b", 20, "20")], "MB"))[:1]
    )


def test_names_are_escaped_cut_and_whole_in_the_title():
    svg = parse(draw("<b>", ["<i>", Bar("<script>" * 9, 1, "&")], "x"))
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert [value.text for value in svg.iter(f"{SVG}tspan")] == ["&"]
    titles = [title.text for title in svg.iter(f"{SVG}title")]
    assert (
        titles == ["<b>", "<script>" * 9 + ": &"]
        and "<i>" in texts
        and any(text.endswith("…") and len(text) == 30 for text in texts)
    )


def test_no_rows_and_nothing_but_zero_are_pictures_too():
    assert bars(draw("t", [], "x")) == [] and bars(draw("t", [Bar("a", 0, "0")], "x"))[0][1] == 0


@given(
    st.lists(st.tuples(*[st.floats(-1e15, 1e15)] * 3), max_size=4),
    st.none() | st.floats(0, 1e15),
    st.none() | st.floats(1e-9, 1e15),
)
@example([(0.0, 0.0, 5e-324)], None, None)
def test_any_values_stay_in_the_picture(values, limit, most):
    svg = draw(
        "t", [Bar("a", value, "x", (low, high)) for value, low, high in values], "x", limit, None, most
    )
    for x, width in bars(svg):
        assert 0 <= x <= x + width <= 100.01
    assert "nan" not in svg and "inf" not in svg
