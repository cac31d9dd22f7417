"""What stands on top of a report's page: the verdict, five figures, and the gates in the way."""

import re

import pytest
from pocketrag.bench.report import html

from tests.bench.page.full_report import GATES, bare, full, gate, phone
from tests.bench.page.shown import card, labelled, page, table


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ({}, "May ship"),
        ({"quality": "fail"}, "Must not ship"),
        ({"quality": "fail", "device_parity": "unchecked"}, "Must not ship"),
        ({"device_latency": "unchecked"}, "Not checked: may not ship yet"),
    ],
)
def test_the_verdict_follows_the_gates_of_a_release(outcomes, words):
    found = page(full(**outcomes))
    assert card(found) == words
    if outcomes:  # what stands in the way is the first that follows
        assert {*outcomes} == {row[0] for row in table(found, "Failed and open")[1:]}
    else:
        assert "none that a release needs is open" in found.text


@pytest.mark.parametrize("gates", [[], [gate("digests")], [gate(name) for name in GATES[:-1]]])
def test_gates_that_were_not_run_are_no_pass(gates):
    assert card(page({**full(), "gates": gates})).startswith("Not checked")


def test_a_gate_that_cannot_be_read_is_no_pass():
    found = page({**full(), "gates": [*full()["gates"], {"gate": "size", "outcome": "PASS"}]})
    assert card(found).startswith("Not checked") and "gates.7.outcome" in found.text


def test_what_nobody_needs_stands_in_no_way():
    found = page(
        {**full(), "gates": [*full()["gates"], gate("emulator_parity", "unchecked", "not asked for")]}
    )
    assert card(found) == "May ship" and "none that a release needs is open" in found.text
    assert ["emulator_parity", "unchecked", "not asked for"] in table(found, "1 gate skipped, or not needed")


def test_a_skipped_gate_stands_in_no_way_and_is_shown_as_such():
    found = page(
        {
            **full(),
            "gates": [
                *full()["gates"],
                gate("size", "skipped", "no limit"),
                gate("unknown", "skipped", "new"),
            ],
        }
    )
    assert card(found) == "May ship" and '<span class="outcome skipped">skipped</span>' in found.source
    assert ["size", "skipped", "no limit"] in table(found, "2 gates skipped, or not needed")


def test_of_several_phones_the_worst_counts():
    gates = [*full()["gates"], gate("device_parity", "fail", "the second phone", 0.5, 0.99)]
    found = page({**full(), "gates": gates}, full("1.1.0"))
    assert card(found) == "Must not ship"
    assert ["device_parity", "fail 0.5000", "pass 0.9980"] in table(found, "side by side")


def test_an_accepted_regression_is_shouted():
    one = full()
    one["verdict"]["accepted_regression"] = True
    assert "REGRESSED" in page(one).text


def test_the_tiles_say_what_everybody_asks_first():
    one = {**full(), "passages": 206, "mode": "hybrid"}
    tiles = dict(re.findall(r'<dt>(.*?)</dt>\s*<dd class="value">(.*?)</dd>', html(labelled(one))))
    assert tiles == {
        "Quality, nDCG@10": "0.680",
        "Size": "24.7 MB",
        "Time a question": "4.87 ms",
        "Passages": "206",
        "Search mode": "hybrid",
    }
    found = page(one).text
    assert "+0.120 against the base (95\u00a0%: +0.080 to +0.160)" in found and "n = 162" in found
    assert (
        "on Google Pixel 9" in found
        and "6.50 ms median on the host (compiled, 1 thread), not a phone" in found
    )


def test_of_an_emulator_and_of_nothing_no_time_is_a_tile():
    one = {**full(), "devices": {"e": phone("sdk_gphone64", emulated=True)}}
    del one["latency"]
    tile = re.search(r"<dt>Time a question</dt>.*?</div>", html(labelled(one)), re.DOTALL)[0]
    assert "not measured" in tile and "4.87" not in tile


def test_what_failed_stands_before_what_is_open_and_the_rest_is_folded():
    gates = [gate("device_parity", "unchecked", "no phone"), gate("device_memory", "unchecked", "no phone")]
    found = page({**full(), "gates": [*gates, gate("quality", "fail", "lost", 0.1, 0.2), gate("digests")]})
    rows = table(found, "Failed and open")
    assert rows[1:3] == [
        ["quality", "fail", "0.1000", "0.2000", "lost"],
        ["device_parity, device_memory", "unchecked", "–", "–", "no phone"],
    ]
    before, folded = found.source.split("<summary>1 gate passed</summary>")
    assert "digests" not in re.sub(r"<style>.*?</style>", "", before, flags=re.DOTALL) and "digests" in folded


def test_a_report_of_which_nothing_was_measured_is_a_page_too():
    found = page(bare())
    assert (
        card(found).startswith("Not checked") and found.text.count("not measured") == 7 + 2
    )  # sections, tiles
