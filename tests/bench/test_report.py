"""`pocketrag report`: one page, from any reports; what is missing or broken is said, and nothing of a report takes effect."""

import json
import re

import pytest
from pocketrag.bench.report import html, label_reports

from pocketrag.cli.main import main
from pocketrag.errors import InputError
from pocketrag.formats.bundle_report import Report, record, report_file
from tests.bench.page.full_report import GATES, asked, bare, full, gate, here, phone, scores, write
from tests.bench.page.parse import Page
from tests.verbs import report

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}"


def labelled(*reports: dict):
    return label_reports([Report.model_validate(one) for one in reports])


def page(*reports: dict) -> Page:
    return Page(html(labelled(*reports)))


def card(found: Page) -> str:
    return re.search(r'<p class="verdict">(.*?)</p>', found.source)[1]


def table(found: Page, words: str) -> list[list[str]]:
    (rows,) = [rows for caption, rows in found.tables.items() if words in caption]
    return rows


# What stands on top.


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


# What it shows.


def test_every_section_of_a_full_report_is_there_with_its_numbers():
    found = page(full())
    assert "not measured. Run" not in found.text and "an't be read" not in found.text
    assert ["as shipped, hybrid", "+0.1200", "+0.0800 to +0.1600", "162", "60", "27", "WIN"] in table(
        found, "nDCG@10 against"
    )
    assert ["host", "0.9984", "0.9971", "512", "0.9600"] in table(found, "Cosine: on the host")
    assert [
        "host, compiled, 2 threads",
        "1.92 (2.30, 2.50)",
        "3.84 (4.61, 4.99)",
        "7.68 (9.22, 9.98)",
        "15.4 (18.4, 20.0)",
    ] in table(found, "Embedding one text")
    assert [
        "compiled, 1 thread",
        "162",
        *[
            "0.100 / 0.120 / 0.130 / 0.160",
            "5.00 / 6.00 / 6.50 / 8.00",
            "1.20 / 1.44 / 1.56 / 1.92",
            "6.50 / 7.80 / 8.45 / 10.4",
        ],
    ] in table(found, "A question")
    assert ["classic, 4 threads", "61", "150", "180", "190", ""] in table(found, "Resident memory")
    assert ["embedder.tflite", "23.8"] in table(found, "Files of the bundle") and ["total", "24.7"] in table(
        found, "Files of the bundle"
    )
    assert any("0123456789 with changes" in row for row in table(found, "Where and when"))


def test_measures_are_broken_down_by_whatever_the_questions_say():
    one = full()
    one["quality"]["shipped"]["by_origin"] = {"forum": scores(0.4), "support": scores(0.7)}
    found = page(one)
    for key, rows in {"difficulty": 2, "category": 1, "origin": 2}.items():
        assert len(table(found, f"nDCG@10 by {key}")) == 1 + rows
    assert ["forum", "162", "0.4000"] in table(found, "by origin")


def test_a_report_of_another_version_is_shown_as_far_as_it_goes():
    one = full()
    del one["latency"]["runs"][0]["memory_mb"], one["parity"]["padding"], one["quality"]["base"]["mrr@10"]
    one["latency"]["more"] = one["verify"]["more"] = {"of": "a later version"}
    found = page(one)
    assert "an't be read" not in found.text and "Resident memory" in found.source


def test_intervals_are_drawn():
    assert len(re.findall('class="whisker"', html(labelled(bare())))) == 0
    drawn = re.findall(r"<svg.*?</svg>", html(labelled(full())), re.DOTALL)
    assert drawn[0].count('class="whisker"') == 3 and drawn[0].count('class="bar"') == 3


def test_an_emulated_npu_stands_beside_the_cpus_and_is_called_so():
    proof = {"how": "emulated", "mean_cosine": 0.9995, "least_cosine": 0.9991, "norm_low": 1.0, "norm_high": 1.0, "n": 12,
             "overlap": 0.985, "overlap_n": 12}  # fmt: skip
    found = page({**full(), "verify": {**full()["verify"], "npu": {"SM8750": proof}}})
    rows = [row for row in table(found, "Cosine: on the host") if "NPU" in row[0]]
    assert rows == [["emulated NPU, SM8750", "0.9995", "0.9991", "12", "0.9850"]]
    assert "no phone has run what is called emulated" in found.source


def test_an_emulator_gives_parity_and_no_time():
    found = page({**full(), "devices": {"e": phone("sdk_gphone64", emulated=True)}})
    assert [
        "emulated cortex-a76, compiled, LiteRT 2.1.6, decides",
        "0.9984",
        "0.9970",
        "48",
        "0.9800",
    ] in table(found, "Cosine: on the host")
    assert "4321" not in found.source and "4.87" not in found.source
    assert not [row for row in table(found, "Embedding one text") if "sdk_gphone64" in row[0]]
    assert "no latency" in found.text


def test_a_phone_is_measured_and_its_heat_said():
    found = page(full())
    assert [
        "Google Pixel 9, 4 threads",
        "2.82 (–, 3.52)",
        "5.63 (–, 7.04)",
        "11.3 (–, 14.1)",
        "22.5 (–, 28.2)",
    ] in table(found, "Embedding one text")
    assert "thermal status 0 before, 2 after" in found.text and [
        "Google Pixel 9",
        "0.9985",
        "0.9969",
        "48",
        "–",
    ] in table(found, "Cosine: on the host")


def test_a_prediction_is_never_a_pass():
    section = re.search(r'<section id="prediction".*?</section>', html(labelled(full())), re.DOTALL)[0]
    assert (
        "Predicted, not measured" in section
        and "≈ 12.8 (6.40 to 25.6) perhaps" in section
        and "≈ 77.0 (38.5 to 154) misses" in section
    )
    assert 'class="bar"' not in section and 'class="predicted"' in section and 'class="limit"' in section
    assert "outcome pass" not in section and "outcome fail" not in section
    assert "EmbeddingGemma" in section and "+8%" in section


def test_a_noisy_run_is_said():
    one = full()
    one["latency"]["noisy"] = True
    assert "too uneven to rely on" in page(one).text and "too uneven" not in page(full()).text


def test_the_90th_percentile_stands_between_and_is_missing_in_older_reports():
    one = full()
    (row,) = [row for row in table(page(one), "90th / 95th / 99th") if row[0] == "classic, 4 threads"]
    assert row[5] == "6.50 / 7.80 / 8.45 / 10.4"
    assert table(page(one), "(90th, 95th percentile)")[1][1] == "3.84 (4.61, 4.99)"
    for run in one["latency"]["runs"]:
        for times in (*run["lengths"].values(), *(run["questions"][part] for part in ("embed", "whole"))):
            del times["p90_ms"]
    older = page(one)
    assert "an't be read" not in older.text
    assert table(older, "(90th, 95th percentile)")[1][1] == "3.84 (–, 4.99)"


@pytest.mark.parametrize(
    ("section", "words", "command"),
    [
        ("parity", "parity on real texts not measured", "pocketrag parity BUNDLE EMBEDDER"),
        ("latency", "latency on a host not measured", "pocketrag latency BUNDLE"),
        ("latency", "memory not measured", "pocketrag latency BUNDLE"),
        ("devices", "latency on a phone not measured", "--benchmark-binary"),
        ("prediction", "prediction not measured", "pocketrag latency BUNDLE --predict"),
        ("gates", "gates not measured", "pocketrag verify BUNDLE"),
        ("verdict", "retrieval quality not measured", "pocketrag build RECIPE"),
    ],
)
def test_a_missing_section_says_what_measures_it(section, words, command):
    one = full()
    del one[section]
    found, whole = page(one).text.lower(), page(full()).text.lower()
    assert f"{words}. run:" in found and words not in whole
    assert command.lower() in found.split(f"{words}. run:")[1][:90]


@pytest.mark.parametrize(
    ("section", "value", "where"),
    [
        ("latency", {"runs": "fast"}, "latency.runs"),
        (
            "latency",
            {"runs": [{"lengths": {"32": {"median_ms": 1e300}}}]},
            "latency.runs.0.lengths.32.median_ms",
        ),
        ("latency", {"runs": [{"lengths": {"0": {}}}]}, "latency.runs.0.lengths.0"),
        ("parity", {"cosine": 1}, "parity.cosine"),
        ("prediction", {"rows": [{}]}, "prediction.rows.0.device"),
        ("devices", {"x": {"threads": "all"}}, "devices.x.threads"),
        ("verdict", {"ships": 3}, "verdict.ships"),
        ("questions", {"mode": "dense"}, "questions.n"),
        ("stages", {"tune": {"history": 3}}, "tune.history"),
        ("stages", {"index": {"passages": "many"}}, "index.passages"),
        ("quality", {"base": {"modes": []}}, "quality.base.modes"),
        ("verify", {"exit": "x"}, "verify.exit"),
        ("build", {"environment": 1}, "build.environment"),
    ],
)
def test_a_section_that_cannot_be_read_leaves_the_rest(section, value, where):
    found = page({**full(), section: value})
    assert f"Can't be read, `{where}" in found.text and ["embedder.tflite", "23.8"] in table(
        found, "Files of the bundle"
    )


def test_a_report_of_which_nothing_was_measured_is_a_page_too():
    found = page(bare())
    assert (
        card(found).startswith("Not checked") and found.text.count("not measured") == 7 + 2
    )  # sections, tiles


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


def test_questions_are_the_first_column_of_a_prediction():
    assert table(page(full()), "Predicted ms by length")[0][:3] == ["device", "questions", "32 tokens"]


def test_training_is_drawn_with_what_was_kept():
    found = page(full())
    section = re.search(r'<section id="training".*?</section>', found.source, re.DOTALL)[0]
    assert section.count("<circle") == 4 and section.count('class="limit"') == 1
    assert "Kept step 6 of 15" in section and "no evidence of a win" in section
    one = full()
    del one["stages"]
    assert "nothing was tuned" in page(one).text


def test_questions_that_got_better_and_worse_than_the_base():
    found = page(asked(full()))
    assert "by vectors alone: 1 better, 1 worse, 1 the same" in found.text
    better, worse = table(found, "1 better than the base"), table(found, "1 worse than the base")
    assert better[1] == ["What of clocks?", "All of clocks", "not in 10", "1.", "+1.000", "First of clocks"]
    assert worse[1] == ["What of draws?", "All of draws", "2.", "5.", "-0.300", "First of draws"]
    assert table(found, "ample answers")[1][:3] == ["What of byes?", "no", "First of byes"]
    assert "ingle questions are not told" in page(full()).text


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


def test_what_kinds_of_questions_gained_is_drawn_the_best_first():
    one = full()
    one["quality"]["shipped"]["by_difficulty"] = {"easy": scores(0.8), "hard": scores(0.5)}
    (drawn,) = re.findall(
        r"<svg[^>]*>\n<title>demo 1.0.0: gain by difficulty.*?</svg>", html(labelled(one)), re.DOTALL
    )
    assert re.findall(r"<title>(\w+: .*?)</title>", drawn) == [
        "hard: +0.200 (n 162)",
        "easy: -0.100 (n 162)",
    ]


# Several.


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


# Nothing of a report takes effect, nothing is fetched.


def planted(value):
    """A report with the same text wherever there is text, as names of files and phones, too."""
    if isinstance(value, dict):
        return {
            key if key in KEPT or key.isdigit() else f"{key}{NASTY}" if key in NAMED else key: planted(v)
            if key not in KEPT
            else v
            for key, v in value.items()
        }
    if isinstance(value, list):
        return [planted(inner) for inner in value]
    return NASTY if isinstance(value, str) else value


#: Values that decide what a page shows; keys that are names.
KEPT, NAMED = (
    {"outcome", "manifest_sha256"},
    {"embedder.tflite", "easy", "clocks", "R5CT1", "hybrid", "numpy", "quality_gate"},
)


def test_no_text_of_a_report_becomes_markup():
    found = page(planted(full()), planted(full("2")))
    assert found.problems == [] and "an't be read" not in found.text
    assert found.text.count("<script>alert(1)</script>") > 100 and "49" not in {
        text for text in found.texts if "7 * 7" in text
    }
    assert "&lt;script&gt;" in found.source and "<script" not in found.source.lower()


@pytest.mark.parametrize("reports", [(bare(),), (full(),), (full(), full("1.1.0"), full("1.2.0"))])
def test_the_page_fetches_nothing_and_is_well_formed(reports):
    found = page(*reports)
    assert found.problems == []
    assert len(found.ids) == len(set(found.ids)) and set(found.anchors) <= set(found.ids)
    assert "default-src 'none'" in found.source and not re.search(
        r"https?://(?!www\.w3\.org/2000/svg)", found.source
    )


def test_the_page_can_be_read_without_seeing_it():
    found = page(full(), full("1.1.0"))
    assert found.source.count('role="img"') == len(re.findall(r"<svg[^>]*>\s*<title>[^<]", found.source)) > 10
    headers = [attributes for tag, attributes in found.tags if tag == "th"]
    assert headers and all(one.get("scope") in ("row", "col") for one in headers)
    assert ("html", {"lang": "en"}) in found.tags and found.source.count("<h1>") == 1
    boxes = [attributes for _, attributes in found.tags if attributes.get("class") == "scroll"]
    assert len(boxes) == found.source.count("<table") and all(
        one["tabindex"] == "0" and one["aria-label"] for one in boxes
    )


def test_half_a_character_is_written_all_the_same(tmp_path):
    write(tmp_path / "a.report.json", {**full(), "name": "\ud800"})
    assert report([str(tmp_path / "a.report.json")])["reports"][0]["report"] == "? 1.0.0"


# The verb.


def test_a_bundle_and_the_page_beside_it(tiny_bundle, capsys):
    record(
        tiny_bundle, "verify", {"for": "build", "exit": 0, "gates": full(device_parity="unchecked")["gates"]}
    )
    assert main(["report", str(tiny_bundle)]) == 0
    out = tiny_bundle.with_name("tiny.report.html")
    assert str(out) in capsys.readouterr().out and "tiny 0.1" in Page(out.read_text("utf-8")).text


def test_several_targets_and_json(tmp_path, capsys):
    files = [str(write(tmp_path / f"{n}.json", full(f"1.{n}"))) for n in range(3)]
    assert main(["report", *files, "--out", str(tmp_path / "all.html"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["report"] for row in told["reports"]] == ["demo 1.0", "demo 1.1", "demo 1.2"]
    assert (
        told["bytes"] == (tmp_path / "all.html").stat().st_size
        and told["reports"][0]["verdict"] == "May ship"
    )


def test_the_same_reports_give_the_same_page(tmp_path):
    files = [str(write(tmp_path / f"{n}.json", full(f"1.{n}"))) for n in range(2)]
    pages = []
    for order in (files, files[::-1]):
        report(order, out=str(tmp_path / "page.html"))
        pages.append((tmp_path / "page.html").read_text())
    assert pages[0] == pages[1]


def test_bad_targets_are_named(tiny_bundle, tmp_path):
    with pytest.raises(InputError, match=r"no report lies beside it.*pocketrag verify .*tiny"):
        report([str(tiny_bundle)])
    with pytest.raises(InputError, match="no such file"):
        report([str(tmp_path / "none")])
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="not a bundle"):
        report([str(tmp_path / "folder")])
    for name, text, message in (
        ("a", "{", "not JSON"),
        ("b", "[]", "not a report"),
        ("c", '{"schema": 9, "model_id": "x"}', "newer"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError, match=f"{name}: .*{message}"):
            report([str(tmp_path / name)])


def test_a_report_of_another_build_is_refused(tiny_bundle):
    record(tiny_bundle, "verify", {"gates": []})
    (tiny_bundle / "manifest.json").write_text((tiny_bundle / "manifest.json").read_text() + " ")
    with pytest.raises(InputError, match="another build"):
        report([str(tiny_bundle)])


def test_the_same_report_twice_is_refused(tiny_bundle):
    record(tiny_bundle, "verify", {"gates": []})
    with pytest.raises(InputError, match="the same report as"):
        report([str(tiny_bundle), str(report_file(tiny_bundle))])


def test_an_out_that_cannot_be_is_refused_and_no_report_is_overwritten(tmp_path):
    file = write(tmp_path / "a.json", full())
    before = file.read_text()
    for out, message in (
        (tmp_path / "none" / "x.html", "does not exist"),
        (tmp_path, "is a folder"),
        (file, "one of the reports"),
    ):
        with pytest.raises(InputError, match=message):
            report([str(file)], out=str(out))
    assert file.read_text() == before and [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_an_environment_of_which_nothing_is_known():
    one = full()
    one["latency"]["environment"] = {}
    assert (
        "those of unknown, not of a phone" in page(one).text
        and here()["machine"]["processor"] in page(full()).text
    )


def thin(value):
    """The same, with one element of each list and one length of each table: a place of every kind."""
    if isinstance(value, dict):
        numbered = [key for key in value if key.isdigit()]
        return {key: thin(one) for key, one in value.items() if key not in numbered[1:]}
    return (
        [thin(one) for one in value[:1]]
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else value
    )


def places(value, path=()):
    yield path
    for key, one in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(one, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize(
    "new", [None, "x", -1, 0, 1e300, 10**400, [], {}, {"x": {}}], ids=lambda new: repr(new)[:9]
)
def test_whatever_stands_in_a_place_is_shown_or_named(new):
    whole = thin(full())
    for path in places(whole):
        try:
            found = Report.model_validate(replaced(whole, path, new))
        except ValueError:  # the whole file is refused, with the key's name
            assert len(path) < 3, path
            continue
        assert "</footer>" in html(label_reports([found])), path
