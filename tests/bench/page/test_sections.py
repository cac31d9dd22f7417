"""What the page of one report shows."""

import re

import pytest
from pocketrag.bench.report import html

from tests.bench.page.full_report import asked, bare, full, here, phone, scores
from tests.bench.page.shown import labelled, page, table


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


def test_a_generators_exam_and_its_answers_stand_there_to_be_read():
    found = page(full())
    assert (
        "The generator ships, every check passes. small-lm, lora; 70 questions, 20 of them without"
        in found.text
    )
    arms = table(found, "Answered or refused rightly")
    assert arms[1] == ["what ships, as the app answers", "0.800", "0.700 to 0.900", "70"] or arms[1][
        0
    ].startswith("quotes")
    assert [row[0] for row in arms[1:]][-1] == "base"
    assert ["accuracy", "pass", "0.80 of 0.75"] in table(found, "What decides")
    assert table(found, "2 answers of what ships")[1:] == [
        ["May I castle?", "yes", "Yes [1].", "yes / you may", "answer"],
        ["Who won?", "no", "Somebody won.", "none: to be refused", "answer"],
    ]
    one = full()
    del one["answers"]
    assert 'id="answers"' in found.source and 'id="answers"' not in page(one).source


def test_questions_that_got_better_and_worse_than_the_base():
    found = page(asked(full()))
    assert "by vectors alone: 1 better, 1 worse, 1 the same" in found.text
    better, worse = table(found, "1 better than the base"), table(found, "1 worse than the base")
    assert better[1] == ["What of clocks?", "All of clocks", "not in 10", "1.", "+1.000", "First of clocks"]
    assert worse[1] == ["What of draws?", "All of draws", "2.", "5.", "-0.300", "First of draws"]
    assert table(found, "ample answers")[1][:3] == ["What of byes?", "no", "First of byes"]
    assert "ingle questions are not told" in page(full()).text


def test_gains_that_were_paired_have_intervals():
    one, row = asked(full()), {"measure": "ndcg@10", "better": 9, "worse": 1}
    one["questions"]["gains"] = {"category": {
        "clocks": {**row, "n": 40, "difference": 0.1, "interval": [0.02, 0.2]},
        "draws": {**row, "n": 7, "difference": 0.3, "interval": [-0.1, 0.5]},
    }}  # fmt: skip
    found = html(labelled(one))
    (drawn,) = re.findall(r"<svg[^>]*>\n<title>demo 1.0.0: gain by category.*?</svg>", found, re.DOTALL)
    assert re.findall(r"<title>(\w+: .*?)</title>", drawn) == ["draws: +0.300 (n 7)", "clocks: +0.100 (n 40)"]
    assert drawn.count('class="whisker"') == 2 and "one that crosses 0 shows no gain" in found


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


def test_an_environment_of_which_nothing_is_known():
    one = full()
    one["latency"]["environment"] = {}
    assert (
        "those of unknown, not of a phone" in page(one).text
        and here()["machine"]["processor"] in page(full()).text
    )
