"""A later `verify` keeps what an earlier one measured on the same bundle, and launders nothing."""

import json

import pytest
from pocketrag.bench.gates.earlier import merged, with_earlier
from pocketrag.bench.gates.examined import DEVICE, EMBEDDER, EMULATOR, LITERT
from pocketrag.bench.gates.table import GATES, of_family
from pocketrag.bench.report import html, label_reports
from pocketrag.bench.verify import verify

from pocketrag.cli.main import main
from pocketrag.formats import bundle_report as reports
from pocketrag.formats.facts.outcome import Earlier, GateFacts
from pocketrag.formats.facts.verify import VerifyFacts
from tests.bench.damage import edit_json, put_digests_right
from tests.bench.emulator.fakes import fake_root
from tests.conftest import make_bert

ALWAYS = frozenset({LITERT})
THEN = Earlier(
    time="2026-11-01T10:00:00+00:00",
    processor="Other CPU",
    pocketrag="0.0.9",
    commit="0123456789abcdef",
    dirty=True,
)


def gate(name, outcome="pass", device=None, **more):
    more = {**({"device": device} if device else {}), **more}
    return GateFacts(
        gate=name, outcome=outcome, detail=f"{name} on {device or 'it'}", value=0.5, limit=0.4, **more
    )


def nothing(family):
    """What a run says of gates for which nothing was given."""
    rows = [row for row in GATES if row.family == family]
    return [gate(row.name, "unchecked" if row.required_for else "skipped") for row in rows]


def phone(serial, *kinds, **more):
    return [gate(name, kind, serial, **more) for name, kind in zip(of_family("device"), kinds, strict=True)]


def kinds(found, family):
    return [
        (one.device, one.outcome) if family == "device" else one.outcome
        for one in found
        if one.gate in of_family(family)
    ]


# Families, without a bundle.


def test_what_was_not_asked_for_now_stays_as_it_was_measured():
    old = [gate(name, measured=THEN) for name in of_family("emulator")]
    found = merged([gate("digests"), *nothing("parity"), *nothing("emulator")], ALWAYS, old)
    assert [one.gate for one in found] == ["digests", *of_family("parity"), *of_family("emulator")]
    assert kinds(found, "parity") == ["skipped"] * 5 and found[-4:] == old


def test_what_could_not_be_measured_then_is_not_kept_as_anything():
    old = [gate(name, "unchecked") for name in (*of_family("parity"), *of_family("device"))]
    now = [*nothing("parity"), *nothing("device")]
    assert merged(now, ALWAYS, old) == now


def test_what_always_runs_is_never_taken_from_an_earlier_run():
    now = [gate("digests", "fail"), gate("tokens", "unchecked")]
    assert merged(now, ALWAYS, [gate("digests"), gate("tokens")]) == now


@pytest.mark.parametrize("outcome", ["pass", "fail"])
def test_what_is_measured_again_is_of_now(outcome):
    old = [gate(name, "fail" if outcome == "pass" else "pass", measured=THEN) for name in of_family("parity")]
    now = [gate(name, outcome) for name in of_family("parity")]
    assert merged(now, ALWAYS | {EMBEDDER}, old) == now


def test_a_failure_that_could_not_be_measured_again_stays_and_a_pass_does_not():
    old = [
        gate(name, kind, measured=THEN)
        for name, kind in zip(of_family("emulator"), ("fail", "pass", "pass", "fail"), strict=True)
    ]
    now = [gate(name, "unchecked") for name in of_family("emulator")]
    assert kinds(merged(now, ALWAYS | {EMULATOR}, old), "emulator") == [
        "fail",
        "unchecked",
        "unchecked",
        "fail",
    ]


def test_one_phone_does_not_undo_what_another_showed():
    old = [
        *phone("A", "pass", "fail", "pass", measured=THEN),
        *phone("B", "pass", "pass", "pass", measured=THEN),
    ]
    found = merged(phone("B", "pass", "pass", "fail"), ALWAYS | {DEVICE}, old)
    assert kinds(found, "device") == [
        ("B", "pass"),
        ("B", "pass"),
        ("B", "fail"),
        ("A", "pass"),
        ("A", "fail"),
        ("A", "pass"),
    ]
    # Measured again, the same phone may pass.
    assert (
        kinds(merged(phone("A", "pass", "pass", "pass"), ALWAYS | {DEVICE}, old[:3]), "device")
        == [("A", "pass")] * 3
    )


def test_a_phone_that_was_unchecked_is_not_forgotten_by_a_run_without_phones():
    old = [*phone("A", "pass", "pass", "pass"), *phone("B", "unchecked", "unchecked", "unchecked")]
    assert merged(nothing("device"), ALWAYS, old) == old


# Facts and reports of a bundle.


@pytest.fixture
def emulated(tiny_bundle, tmp_path, monkeypatch):
    """A bundle whose emulator gates were measured: they pass, on a stand-in for the emulator."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    fake_root()
    assert verify(str(tiny_bundle), emulator=True).exit == 0
    return tiny_bundle


def report_of(bundle):
    return json.loads(reports.report_file(bundle).read_text())


def outcomes(facts, family):
    return {one.gate: one for one in facts.gates if one.gate in of_family(family)}


def test_a_later_run_shows_and_reports_what_an_earlier_one_measured(emulated, tiny_bert):
    first = report_of(emulated)
    second = verify(str(emulated), embedder=str(tiny_bert))
    third = verify(str(emulated))
    assert second.exit == third.exit == 0
    for family, facts in (("emulator", second), ("emulator", third), ("parity", third)):
        for one in outcomes(facts, family).values():
            assert one.outcome == "pass" and one.measured and "measured earlier, 2" in one.said
    assert not any(one.measured for one in outcomes(second, "parity").values())
    # Kept twice, it is still of the first run.
    assert {one.measured.time for one in outcomes(third, "emulator").values()} == {
        first["verify"]["environment"]["time"]
    }
    kept = report_of(emulated)
    assert kept["gates"] == kept["verify"]["gates"] == third.as_json()["gates"]
    assert kept["verify"]["emulator"]["cpus"] == first["verify"]["emulator"]["cpus"] and kept["parity"]["n"]
    assert kept["verify"]["emulator"]["environment"]["time"] == first["verify"]["environment"]["time"]
    page = html(label_reports([reports.read_report(reports.report_file(emulated))]))
    assert "measured earlier, 2" in page and "emulated cortex-a76" in page


def test_a_run_that_measures_says_nothing_of_earlier(emulated):
    assert all("measured" not in row and "device" not in row for row in report_of(emulated)["gates"])


def test_a_failure_stays_one_until_it_is_measured_again(tiny_bundle, tiny_bert, tmp_path, capsys):
    other = make_bert(tmp_path / "other", seed=1)
    assert verify(str(tiny_bundle), embedder=str(other)).exit == 1
    assert (
        main(
            [
                "verify",
                str(tiny_bundle),
                "--junit",
                str(tmp_path / "gates.xml"),
                "--summary",
                str(tmp_path / "gates.md"),
            ]
        )
        == 1
    )
    assert "measured earlier" in capsys.readouterr().out
    assert (
        "measured earlier" in (tmp_path / "gates.xml").read_text()
        and "measured earlier" in (tmp_path / "gates.md").read_text()
    )
    assert report_of(tiny_bundle)["verify"]["exit"] == 1
    assert verify(str(tiny_bundle), embedder=str(tiny_bert)).exit == 0 and verify(str(tiny_bundle)).exit == 0


def test_damage_and_repair_launder_no_failure(tiny_bundle, tiny_bert, tmp_path):
    verify(str(tiny_bundle), embedder=str(make_bert(tmp_path / "other", seed=1)))
    notice = (tiny_bundle / "NOTICE").read_text()
    (tiny_bundle / "NOTICE").write_text("changed")
    assert (
        outcomes(verify(str(tiny_bundle), embedder=str(tiny_bert)), "parity")["parity_cosine"].outcome
        == "fail"
    )
    (tiny_bundle / "NOTICE").write_text(notice)
    assert outcomes(verify(str(tiny_bundle)), "parity")["parity_cosine"].outcome == "fail"


def test_another_manifest_is_another_bundle(emulated):
    edit_json(emulated / "manifest.json", lambda m: m["tools"].update(other="1"))
    put_digests_right(emulated)
    facts = verify(str(emulated))
    assert facts.exit == 0 and facts.emulator is None
    assert {one.outcome for one in outcomes(facts, "emulator").values()} == {"skipped"}


def put(bundle, *rows, **verified):
    """Write a report of this very bundle, as another machine may have."""
    env = {
        "time": THEN.time,
        "machine": {"processor": THEN.processor},
        "versions": {"pocketrag": THEN.pocketrag},
        "commit": None,
    }
    reports.write(
        bundle,
        {
            "verify": {
                "environment": env,
                "gates": [one if isinstance(one, dict) else one.as_json() for one in rows],
                **verified,
            }
        },
    )


def release(bundle):
    """The facts of a release, as if all else passed."""
    now = [gate("digests"), *nothing("parity"), *nothing("emulator"), *nothing("device")]
    facts = VerifyFacts(bundle="b", for_="release", exit=4, gates=tuple(now))
    return with_earlier(facts, bundle, bundle)


def test_a_phone_of_the_same_bundle_counts_for_a_release_and_says_whose_it_was(tiny_bundle):
    put(tiny_bundle, *phone("A", "pass", "pass", "pass"))
    facts = release(tiny_bundle)
    assert facts.exit == 0
    said = outcomes(facts, "device")["device_latency"].said
    assert said.endswith("; measured earlier, 2026-11-01T10:00:00+00:00 (pocketrag 0.0.9, Other CPU)")


@pytest.mark.parametrize(("parity", "code"), [("fail", 1), ("unchecked", 4)])
def test_a_phone_that_did_not_pass_holds_a_release_back(tiny_bundle, parity, code):
    put(tiny_bundle, *phone("A", parity, "pass", "pass"))
    assert release(tiny_bundle).exit == code


def test_the_report_of_another_manifest_counts_for_nothing(tiny_bundle):
    put(tiny_bundle, *phone("A", "pass", "pass", "pass"))
    edit_json(reports.report_file(tiny_bundle), lambda report: report.update(manifest_sha256="0" * 64))
    assert release(tiny_bundle).exit == 4
    edit_json(reports.report_file(tiny_bundle), lambda report: report.update(manifest_sha256=None))
    assert release(tiny_bundle).exit == 4


@pytest.mark.parametrize(
    "change", [{"outcome": "PASS"}, {"value": "x"}, {"gate": 3}, {"measured": "yesterday"}, {"detail": None}]
)
def test_a_row_that_cannot_be_read_is_no_pass(tiny_bundle, change):
    rows = [one.as_json() for one in phone("A", "pass", "pass", "pass")]
    put(tiny_bundle, rows[0], {**rows[1], **change}, rows[2], emulator={"cpus": "?"})
    facts = release(tiny_bundle)
    assert facts.exit == 4 and outcomes(facts, "device")["device_latency"].outcome == "unchecked"


def test_a_report_that_cannot_be_read_counts_for_nothing(tiny_bundle):
    reports.report_file(tiny_bundle).write_text("{")
    assert release(tiny_bundle).exit == 4


@pytest.mark.parametrize(
    "environment", [None, "x", {}, {"machine": 3, "versions": [], "commit": 4, "time": {}}]
)
def test_an_unknown_environment_is_said_to_be(environment):
    assert (
        str(Earlier.of(environment if isinstance(environment, dict) else {}))
        == "measured earlier, at an unknown time"
    )
