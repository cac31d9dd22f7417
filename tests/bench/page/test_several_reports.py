"""Several reports on a page: their order, history, and what got better and worse."""

import re

from pocketrag.bench.report import html

from tests.bench.page.full_report import asked, bare, full
from tests.bench.page.shown import labelled, page, table


def test_releases_are_put_in_the_order_of_versions_then_time():
    versions = ("1.10.0", "1.9.0", "1.10.0-rc1", "1.2")
    found = [one.label for one in labelled(*(full(version) for version in versions))]
    assert found == ["demo 1.2", "demo 1.9.0", "demo 1.10.0-rc1", "demo 1.10.0"]
    one, two = full(time="2026-12-01T00:00:00+00:00", processor="later"), full(processor="earlier")
    del one["devices"], two["devices"]
    assert ["earlier" in one.label for one in labelled(one, two)] == [True, False]


def test_equal_reports_still_have_labels_of_their_own():
    assert len({one.label for one in labelled(full(), full(), full())}) == 3


def test_history_and_comparison_side_by_side():
    found = page(full("1.1.0", "2026-12-01T00:00:00+00:00"), full("1.0.0", quality="fail"))
    rows = table(found, "demo: releases")
    assert [row[0] for row in rows[1:]] == ["demo 1.0.0", "demo 1.1.0"] and rows[2][1:3] == [
        "2026-12-01",
        "0123456789 with changes",
    ]
    assert ["quality", "fail 0.9980", "pass 0.9980"] in table(found, "side by side")
    assert table(found, "Files of the bundle")[0] == ["file", "demo 1.0.0", "demo 1.1.0"]
    assert "no history" in page(full()).text and "no history" not in found.text


def test_other_bundles_share_a_page_but_no_history():
    found = page(full(), {**full(), "name": "arbiter"})
    assert "no history" in found.text and found.source.count('<article class="card') == 2


def test_questions_that_got_better_and_worse_than_the_last_release():
    found = page(asked(full()), asked(full("1.1.0"), draws=1, clocks=4))
    assert "demo 1.1.0 against demo 1.0.0, by vectors alone: 1 better, 1 worse, 1 the same" in found.text
    assert table(found, "better than demo 1.0.0")[1][2:5] == ["5.", "1.", "+0.800"]
    other = page(asked(full()), asked({**full("1.1.0"), "name": "arbiter"}))
    assert "better than demo" not in other.text


def test_different_questions_are_said_above_all_else():
    def loud(*reports: dict) -> list[str]:
        return re.findall(r'<p class="loud">(.*?)</p>', html(labelled(*reports)))

    fewer = full("1.1.0")
    fewer["quality"]["shipped"]["n"] = 40
    assert "different questions" in loud(full(), fewer)[0] and "demo 1.1.0: 40" in loud(full(), fewer)[0]
    one, two = asked(full()), asked(full("1.1.0"), "c" * 64)
    assert "different questions" in loud(one, two)[0]
    assert "Nothing shows" in loud(one, full("1.1.0"))[0]
    assert loud(one, asked(full("1.1.0"))) == [] == loud(full()) == loud(full(), bare(version="2.0.0"))
