"""`pocketrag tiers`: what its exam and the recipe's limits let ship, the same bytes each time."""

import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.generator.answer_tiers import read_tiers
from tests import offers
from tests.conftest import cli


@pytest.fixture
def home(tmp_path):
    """A folder with a recipe, and a published generator."""
    offers.published(tmp_path / "android_assets")
    offers.recipe(tmp_path)
    return tmp_path


def generator(home):
    return home / "android_assets" / "tiny.generator"


def tiers(home, *options, exam=None, code=0):
    """Run the verb; return the file's tiers by name, or what it said where it failed."""
    given = ["--exam", offers.written(home / "said.json", exam)] if exam else []
    done = cli("tiers", "tiny.toml", "--json", *given, *options, cwd=home)
    assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
    if code:
        return " ".join(done.stderr.split())
    said = json.loads(done.stdout)
    file = home / "android_assets" / "tiny.tiers.json"
    assert said["sha256"] == files.sha256(file)
    found = json.loads(file.read_text("utf-8"))
    assert read_tiers(file).as_json() == found
    assert found == {key: value for key, value in said.items() if key in found}
    return {tier["name"]: tier for tier in said["tiers"]} | {"chosen": said.get("chosen")}


def test_what_was_examined_and_keeps_to_its_limits_ships(home):
    found = tiers(home, "--memory", "5600", exam=offers.exam(generator(home)))
    free, standard = found["free"], found["standard"]
    assert free["ships"] and free["exam"] == {
        "accuracy": 0.4,
        "interval": [0.30000000000000004, 0.5],
        "questions": 60,
    }
    assert (
        standard["ships"]
        and standard["memory_megabytes"] == 4500
        and standard["why"] == "keeps to every limit"
    )
    assert standard["exam"]["accuracy"] == 0.8 and standard["pack"]["folder"] == "tiny.generator"
    # Nobody has asked a phone: less than a limit on a desktop is no pass.
    holds = {name: row["holds"] for name, row in standard["limits"].items()}
    assert holds == {"accuracy": True, "quantization_loss": True, "seconds": None, "memory_megabytes": None}
    assert standard["measured"]["host"] == offers.HOST and standard["measured"]["phone"] is False
    assert "no phone" in standard["limits"]["seconds"]["why"]
    assert [row["tier"] for row in found["chosen"]] == ["standard", "standard"]
    small = tiers(home, "--memory", "3800", exam=offers.exam(generator(home)))
    assert [row["tier"] for row in small["chosen"]] == ["free", "free"]


def test_without_an_exam_it_does_not_ship(home):
    standard = tiers(home)["standard"]
    assert not standard["ships"] and standard["exam"] is None and standard["measured"] is None
    assert "unchecked: no exam" in standard["why"]
    assert {row["holds"] for row in standard["limits"].values()} == {None}


def test_a_server_examined_by_other_questions_is_refused(home):
    theirs = offers.written(home / "theirs.json", {**offers.exam(generator(home)), "exam_sha256": "b" * 64})
    offers.recipe(home, offers.PREMIUM + f'exam = "{theirs.name}"')
    own = {**offers.exam(generator(home)), "exam_sha256": "a" * 64}
    assert "an exam of other questions than the recipe's" in tiers(home, exam=own, code=2)
    assert tiers(home, exam={**own, "exam_sha256": "b" * 64})["premium"]["ships"]


@pytest.mark.parametrize(
    ("exam", "why"),
    [
        ({"accuracy": 0.7}, "accuracy 0.7, limit 0.75"),
        ({"seconds": 15.5}, "seconds 15.5, limit 15"),
        ({"memory_megabytes": 3001.0}, "memory megabytes 3001, limit 3000"),
        ({"quantization_loss": offers.mean(0.03)}, "quantization loss 0.03, limit 0.02"),
        ({"ships": False}, "its exam: no better than its base"),
    ],
)
def test_what_fails_does_not_ship_and_says_why(home, exam, why):
    standard = tiers(home, exam=offers.exam(generator(home), **exam))["standard"]
    assert not standard["ships"] and standard["why"] == why


def test_the_recipes_limits_are_what_counts(home):
    offers.recipe(home, "[generator.tiers]\nmemory_megabytes = 7000\n[generator.limits]\naccuracy = 0.9")
    standard = tiers(home, exam=offers.exam(generator(home)))["standard"]
    assert not standard["ships"] and standard["memory_megabytes"] == 7000


def test_a_server_answers_elsewhere_once_its_model_was_examined(home):
    offers.recipe(home, offers.PREMIUM)
    found = tiers(home, exam=offers.exam(generator(home)))["premium"]
    assert not found["ships"] and found["server"] == {"url": offers.URL, "model": offers.SERVED}
    offers.written(home / "large.json", offers.exam(generator(home), 0.5))
    offers.recipe(home, offers.PREMIUM + 'exam = "large.json"')
    found = tiers(home, "--memory", "3800", exam=offers.exam(generator(home)))
    # The model as it is served, and not as it would be packed.
    assert found["premium"]["ships"] and found["premium"]["exam"]["accuracy"] == 0.9
    assert found["premium"]["measured"] is None and list(found["premium"]["limits"]) == ["accuracy"]
    assert [row["tier"] for row in found["chosen"]] == ["free", "premium"]
    offers.written(home / "large.json", {**offers.exam(generator(home)), "answerable": 41})
    assert "Give both the same" in tiers(home, exam=offers.exam(generator(home)), code=2)


def test_the_same_inputs_give_the_same_bytes(home):
    file, exam = home / "android_assets" / "tiny.tiers.json", offers.exam(generator(home))
    tiers(home, exam=exam)
    first = file.read_bytes()
    tiers(home, "--memory", "100", exam=exam)
    assert file.read_bytes() == first


def test_another_generators_exam_is_refused_and_the_earlier_file_stays(home):
    exam, file = offers.exam(generator(home)), home / "android_assets" / "tiny.tiers.json"
    tiers(home, exam=exam)
    before = file.read_bytes()
    exam["packed"]["file"] = "0" * 64
    assert "not the generator that was examined" in tiers(home, exam=exam, code=2)
    (generator(home) / "NOTICE").write_text("else")
    assert "NOTICE: not the file that was packed" in tiers(home, code=2)
    assert file.read_bytes() == before


@pytest.mark.parametrize("bad", ['{"base": 1}', "[]", "no json"])
def test_an_exam_that_is_none(home, bad):
    (home / "said.json").write_text(bad)
    assert "said.json: " in tiers(home, "--exam", "said.json", code=2)


def test_no_generator_and_none_published(home):
    assert "elsewhere/tiny.generator" in tiers(home, "--assets", "elsewhere", code=2)
    offers.recipe(home)
    text = (home / "tiny.toml").read_text()
    (home / "tiny.toml").write_text(text.partition("[generator]")[0])
    assert "no [generator]" in tiers(home, code=2)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[generator.tiers]\nmemory_megabytes = 0", "memory_megabytes"),
        ("[generator.tiers]\nmemory = 4500", "unknown key"),
        (offers.PREMIUM.replace("https", "http"), "premium.url"),
        (offers.PREMIUM.replace("//", "//me:secret@"), "premium.url"),
        (offers.PREMIUM.replace("/v1", "/v1?key=1"), "premium.url"),
        (offers.PREMIUM.replace(offers.SERVED, ""), "premium.model"),
        (offers.PREMIUM + 'exam = "nowhere.json"', "generator.tiers.premium.exam"),
    ],
)
def test_a_table_that_makes_no_sense(home, table, said):
    offers.recipe(home, table)
    assert said in tiers(home, code=2)


def test_people_see_tables(home):
    file = offers.written(home / "said.json", offers.exam(generator(home)))
    done = cli("tiers", "tiny.toml", "--exam", file, "--memory", "5600", cwd=home, env={"COLUMNS": "200"})
    assert done.returncode == 0, done.stderr
    for word in (
        "standard",
        "4500",
        "0.700 to 0.900",
        "unchecked",
        "no phone",
        "21.5 tokens/s",
        "without a server: standard",
    ):
        assert word in done.stdout, word


def test_the_writer_is_a_function_for_the_verb_that_examines(home):
    from pocketrag.formats.facts.exam import ExamFacts
    from pocketrag.pipeline.project import Project
    from pocketrag.pipeline.tier_verdict import publish_tiers

    project = Project.read(str(home / "tiny.toml"))
    facts = ExamFacts.read(offers.exam(generator(home)))
    found = publish_tiers(project.recipe, project.need_generator("offer"), facts, home / "android_assets")
    assert found.tiers[1].ships and found.file.endswith("tiny.tiers.json")
    with pytest.raises(InputError, match="elsewhere"):
        publish_tiers(project.recipe, project.need_generator("offer"), facts, home / "elsewhere")
