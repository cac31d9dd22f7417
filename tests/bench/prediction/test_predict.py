"""Predictions: properties that hold for any fit, and that the errors shown are the ones computed."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.bench.prediction.architecture import EMBEDDINGGEMMA, MINILM, cost_of
from pocketrag.bench.prediction.devices import DEVICES, Device
from pocketrag.bench.prediction.published import CHECKS, POINTS
from pocketrag.bench.prediction.roofline import (
    Fit,
    checked,
    fitted,
    interval,
    left_out,
    milliseconds,
    predicted,
    soc_left_out,
    spread,
)

from pocketrag.errors import InputError
from tests.conftest import ROOT
from tests.verbs import answer_lines, predict, table_columns, table_rows

FIT = fitted()
SPREAD = spread()
devices = st.sampled_from(DEVICES)
models = st.sampled_from([MINILM, EMBEDDINGGEMMA])
lengths = st.integers(8, 2048)


@given(devices, models, lengths, lengths)
def test_longer_takes_longer(device, model, one, other):
    times = [milliseconds(cost_of(model, length), device, FIT) for length in sorted({one, other})]
    assert times == sorted(times) and times[0] > 0


@given(devices, models, lengths, st.integers(1, 7))
def test_threads_and_clock_help(device, model, length, threads):
    cost = cost_of(model, length)
    assert milliseconds(cost, device, FIT, threads + 1) < milliseconds(cost, device, FIT, threads)
    faster = replace(
        device, clusters=tuple((count, core, clock * 1.1) for count, core, clock in device.clusters)
    )
    assert milliseconds(cost, faster, FIT, threads) < milliseconds(cost, device, FIT, threads)


@given(devices, models, lengths)
def test_the_interval_holds_the_prediction(device, model, length):
    cost = cost_of(model, length)
    low, high = interval(cost, device, FIT, SPREAD)
    assert 0 < low < milliseconds(cost, device, FIT) < high


def test_an_unmeasured_soc_is_less_certain():
    cost = cost_of(MINILM, 64)
    width = {one.name: (lambda pair: pair[1] / pair[0])(interval(cost, one, FIT, SPREAD)) for one in DEVICES}
    assert width["Galaxy S25"] == pytest.approx(width["Galaxy S23"]) == pytest.approx(SPREAD.soc**2)
    assert width["Pixel 9"] == pytest.approx((SPREAD.soc * SPREAD.point) ** 2)
    assert width["Galaxy A33"] > width["Pixel 9"]  # no i8mm


def test_published_times_lie_in_their_intervals():
    for point in (*POINTS, *CHECKS):
        low, high = interval(point.cost, point.device, FIT, SPREAD)
        assert low < point.ms < high, point


def test_the_fit_is_the_best_one():
    def loss(fit: Fit) -> float:
        from math import log

        return sum(log(predicted(point, fit) / point.ms) ** 2 for point in POINTS)

    assert 0 < FIT.int8 <= 1 and 0 < FIT.float32 <= 1
    for step in (0.97, 1.03):
        assert loss(FIT) < loss(replace(FIT, int8=FIT.int8 * step)) and loss(FIT) < loss(
            replace(FIT, float32=FIT.float32 * step)
        )


def test_efficiencies_of_known_times_are_found():
    known = Fit(0.4, 0.25)
    points = [replace(point, ms=predicted(point, known)) for point in POINTS]
    found = fitted(points)
    assert (found.int8, found.float32) == pytest.approx((known.int8, known.float32), rel=1e-3)
    assert left_out(points) == pytest.approx([point.ms for point in points], rel=1e-3)
    assert spread(points).point == pytest.approx(1, abs=1e-3)


def test_no_efficiency_above_one():
    assert fitted([replace(point, ms=point.ms / 1000) for point in POINTS]) == Fit(1.0, 1.0)


@pytest.mark.parametrize("index", range(len(POINTS)))
def test_a_point_left_out_is_not_seen(index):
    changed = [replace(point, ms=point.ms * 3) if i == index else point for i, point in enumerate(POINTS)]
    before, after = left_out(), left_out(changed)
    assert after[index] == pytest.approx(before[index])
    assert all(a != b for i, (a, b) in enumerate(zip(before, after, strict=True)) if i != index)
    soc = POINTS[index].device.soc
    same = [a == pytest.approx(b) for a, b in zip(soc_left_out(), soc_left_out(changed), strict=True)]
    assert same == [point.device.soc == soc for point in POINTS]
    assert spread(changed) != SPREAD and checked(fitted(changed)) != checked(FIT)


def test_devices_are_what_they_say():
    for device in DEVICES:
        assert device.int8(1) < device.int8(4) <= device.int8(8) and 10 < device.bandwidth < 100
        assert device.int8(99) == device.int8(sum(count for count, *_ in device.clusters))
        assert {clock for _, clock in device.cores(1)} <= {clock for *_, clock in device.clusters}
    by_name = {device.name: device for device in DEVICES}
    # 2 Oryon at 4.47 GHz and 2 at 3.53 GHz, 4 SDOT of 16 a cycle; 2 A78 at 2.4 GHz with 2, 2 A55 at 2.0 GHz with 1.
    assert by_name["Galaxy S25 Ultra"].int8(4) == pytest.approx(64 * 2 * (4.47 + 3.53))
    assert by_name["Galaxy A33"].int8(4) == pytest.approx(2 * 32 * 2.4 + 2 * 16 * 2.0)
    assert by_name["Galaxy A33"].float32(4) == pytest.approx(2 * 8 * 2.4 + 2 * 4 * 2.0)


def test_bundle(tiny_bundle):
    facts = predict(tiny_bundle)
    assert facts["label"] == "prediction" and facts["limit_ms"] == 15.0 and facts["assumes"]
    assert json.loads(json.dumps(facts)) == facts
    assert len(facts["rows"]) == len(DEVICES) * 3 and [row["length"] for row in facts["rows"][:3]] == [
        16,
        32,
        "questions",
    ]
    for row in facts["rows"]:
        assert row["low_ms"] <= row["ms"] <= row["high_ms"]
        assert row["meets"] is True  # 2 layers of 32
    short, long, asked = facts["rows"][:3]
    assert short["ms"] <= asked["ms"] <= long["ms"]
    points = facts["fit"]["points"]
    assert [point["measured_ms"] for point in points] == [66, 169, 549, 2455, 147.6, 353.1, 954]
    assert [point["left_out_ms"] for point in points] == [pytest.approx(ms, abs=0.01) for ms in left_out()]
    assert all(
        point["error"] == pytest.approx(point["left_out_ms"] / point["measured_ms"] - 1, abs=1e-3)
        for point in points
    )
    assert abs(facts["fit"]["worst_error"]) == max(abs(point["error"]) for point in points)
    assert all(answer["meets"] == answer["may_meet"] == 32 for answer in facts["answers"])


def limited(bundle, ms):
    """Predict with another limit; the manifest's schema may not know the key yet, so it is set on what was read."""
    from pocketrag.bench.prediction import predict as module

    read = module.read_manifest

    class Limits:
        latency_ms = ms

    class Limited:
        def __init__(self, manifest):
            self.embedder, self.limits = manifest.embedder, Limits

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "read_manifest", lambda folder: Limited(read(folder)))
        return predict(bundle)


def test_meets_follows_the_limit(tiny_bundle):
    row = predict(tiny_bundle)["rows"][0]
    between = (row["low_ms"] + row["high_ms"]) / 2
    for limit, meets in ((row["high_ms"] * 1.2, True), (between, None), (row["low_ms"] / 1.2, False)):
        facts = limited(tiny_bundle, limit)
        assert facts["limit_ms"] == limit and facts["rows"][0]["meets"] is meets
        assert ("keeps to" in answer_lines(facts)[0]) and answer_lines(facts)[0].startswith(
            "prediction: Pixel 6"
        )
    answer = limited(tiny_bundle, row["low_ms"] / 1.2)["answers"][0]
    assert answer["meets"] is answer["may_meet"] is None
    # A model that fits the limit has fewer weights than this one: 2 layers of 8192, in millions.
    assert answer["millions"]["16"] < 2 * 8192 / 1e6 < predict(tiny_bundle)["answers"][0]["millions"]["16"]


def test_table(tiny_bundle):
    facts = predict(tiny_bundle)
    rows = table_rows(facts)
    assert all(len(row) == len(table_columns(facts)) for row in rows) and len(rows) == len(facts["rows"])
    assert (
        rows[0][:3] == ["Pixel 6", "Google Tensor", "16"]
        and rows[1][:3] == ["", "", "32"]
        and rows[0][-1] == "yes"
    )
    assert table_columns(facts)[-1] == "15 ms" and len(answer_lines(facts)) == len(DEVICES)


def test_no_questions(tiny_bundle):
    file = tiny_bundle / "golden.json"
    golden = json.loads(file.read_text())
    golden["texts"] = [text for text in golden["texts"] if text["question"] is None]
    file.write_text(json.dumps(golden))
    assert {row["length"] for row in predict(tiny_bundle)["rows"]} == {16, 32}


def test_a_length_that_the_model_lacks(tiny_bundle):
    file = tiny_bundle / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["encoders"][0]["embedder"]["lengths"] = [16, 32, 64]
    file.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"embedder\.tflite: has no signature 'embed_64'"):
        predict(tiny_bundle)


def test_bad_input(tiny_bundle, tmp_path):
    (tiny_bundle / "embedder.tflite").write_text("no flatbuffer")
    with pytest.raises(InputError, match="LiteRT can't open it"):
        predict(tiny_bundle)
    (tiny_bundle / "embedder.tflite").unlink()
    with pytest.raises(InputError, match=r"embedder\.tflite"):
        predict(tiny_bundle)
    with pytest.raises(InputError, match="not a bundle"):
        predict(tmp_path)


def test_the_page_shows_these_points(tiny_bundle):
    page = (ROOT / "docs" / "prediction.md").read_text("utf-8")
    fit = predict(tiny_bundle)["fit"]
    for point in fit["points"]:
        times = f"{point['measured_ms']:g} | {point['predicted_ms']:.0f} | {point['left_out_ms']:.0f} | {point['error']:+.0%}"
        assert (
            f"| {point['device']} | {point['model']} | {point['length']} | {times} | {point['soc_left_out_ms']:.0f} |"
            in page
        )
    for check in fit["checks"]:
        times = f"{check['measured_ms']:.0f} | {check['predicted_ms']:.0f} | {check['error']:+.0%}"
        assert f"| {check['model']} | {times} |" in page
    assert f"{fit['efficiency']['int8']} × SDOT peak" in page and f"÷ {fit['factor']['other_soc']}" in page


def test_other_devices_are_rows(tiny_bundle, monkeypatch):
    slow = Device("Old phone", "Unknown", ((4, DEVICES[-1].clusters[1][1], 0.01),), 1.0)
    monkeypatch.setattr("pocketrag.bench.prediction.predict.DEVICES", (slow,))
    assert [row["meets"] for row in predict(tiny_bundle)["rows"]] != [True] * 3
