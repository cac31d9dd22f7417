"""`pocketrag questions`: from passages to files that train, through a server on this machine, and back from people."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from pocketrag.errors import InputError
from tests.chat_server import Scripted, asks, served
from tests.conftest import cli, make_data, write_jsonl, write_qrels
from tests.verbs import questions

RECIPE = """
name = "tiny"
[data]
corpus = "corpus.jsonl"
{data}
[search]
language = "en"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_data(tmp_path, passages=12)
    for name in ("queries.jsonl", "qrels.tsv"):
        (tmp_path / name).unlink()
    (tmp_path / "tiny.toml").write_text(RECIPE.format(data='synthetic = "asked"'))
    return tmp_path


def run(script=None, **more):
    with served(script or Scripted(asks)) as address:
        by = {} if "accept" in more else {"generator": address, "model": "tiny-7b"}
        return questions("tiny.toml", **by, **more)


def refused(said, **more):
    with pytest.raises(InputError, match=said):
        run(**more)


def lines(file):
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def table(folder, **said):
    """Put decisions and texts into the review, by a question's place."""
    text = (folder / "asked" / "review.csv").read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    for place, cells in said.items():
        rows[int(place[1:])][:2] = cells
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows(rows)
    file = folder / "back.csv"
    file.write_text(stream.getvalue(), "utf-8-sig", newline="")
    return file


def test_from_passages_to_files_that_train(folder):
    facts = run()
    assert facts["passages"] == 12 and facts["lines"] == 36 and facts["generator"] == "tiny-7b"
    assert facts["dropped"]["not a question"] == 12 and facts["searched"] == "bm25" and facts["among"] == 10
    assert facts["written"] == facts["questions"] == facts["undecided"] == 36 - sum(facts["dropped"].values())
    rows = lines(folder / "asked" / "queries.jsonl")
    judged = dict(
        line.split("\t")[:2] for line in (folder / "asked" / "qrels.tsv").read_text().splitlines()[1:]
    )
    assert len(rows) == facts["questions"] >= 20
    for row in rows:
        origin = {"origin": "synthetic", "generator": "tiny-7b", "seed": 17, "passage": judged[row["_id"]]}
        assert row["metadata"] == origin and row["text"].endswith("?") and "*" not in row["text"]
    assert {row["reason"] for row in lines(folder / "asked" / "dropped.jsonl")} == set(facts["dropped"])
    assert (folder / "asked" / "review.html").read_text("utf-8").count("<article") == facts["written"]
    assert any("--accept asked/review.csv" in step for step in facts["next"])
    assert not any("synthetic =" in step for step in facts["next"])


def test_a_second_run_asks_nothing_and_changes_no_byte(folder):
    script = Scripted(asks)
    with served(script) as address:
        questions("tiny.toml", generator=address, model="tiny-7b")
        before = {file.name: file.read_bytes() for file in (folder / "asked").iterdir()}
        again = questions("tiny.toml", generator=address, model="tiny-7b")
    assert again["earlier"] == len(script.asked) == 12
    assert {file.name: file.read_bytes() for file in (folder / "asked").iterdir()} == before


def test_of_two_at_once_the_second_waits_and_asks_nothing_again(folder):
    script = Scripted(asks)
    with served(script) as address, ThreadPoolExecutor() as pool:
        command = ("questions", "tiny.toml", "--generator", address, "--model", "tiny-7b", "--json")
        done = [one.result() for one in [pool.submit(cli, *command, cwd=folder) for _ in range(2)]]
    assert [one.returncode for one in done] == [0, 0] and len(script.asked) == 12
    assert {json.loads(one.stdout)["questions"] for one in done} == {
        len(lines(folder / "asked" / "queries.jsonl"))
    }


def test_people_accept_reject_and_mend_and_a_new_run_keeps_what_they_said(folder):
    facts = run()
    before = lines(folder / "asked" / "queries.jsonl")
    back = table(folder, r1=("accept", before[0]["text"]), r2=("reject", before[1]["text"]),
                 r3=("", "Whose flag has fallen on the very first board?"))  # fmt: skip
    done = run(accept=str(back))
    assert (done["accepted"], done["mended"], done["rejected"]) == (1, 1, 1)
    assert done["questions"] == facts["questions"] - 1 and done["generator"] is None
    by_id = {row["_id"]: row for row in lines(folder / "asked" / "queries.jsonl")}
    assert by_id[before[0]["_id"]]["metadata"]["review"] == "accepted" and before[1]["_id"] not in by_id
    mended = by_id[before[2]["_id"]]
    assert mended["text"] == "Whose flag has fallen on the very first board?"
    assert mended["metadata"]["review"] == "mended" and mended["metadata"]["written"] == before[2]["text"]
    assert mended["metadata"]["origin"] == "synthetic", "whatever people say, it never judges"
    again = run()
    assert (again["accepted"], again["mended"], again["rejected"]) == (1, 1, 1)
    only = run(accept="asked/review.csv", accepted_only=True)
    assert only["questions"] == 2
    # Another model writes other questions; what people kept stays.
    other = run(script=Scripted(lambda prompt: asks(prompt).replace("see how", "know that")))
    assert (other["accepted"], other["mended"], other["rejected"]) == (1, 1, 1)


def test_no_question_repeats_one_that_people_ask(folder):
    facts = run()
    first = lines(folder / "asked" / "queries.jsonl")[0]
    write_jsonl(folder / "queries.jsonl", [{"_id": "q1", "text": first["text"].upper()}])
    write_qrels(folder / "qrels.tsv", [("q1", "p000")])
    data = 'synthetic = "asked"\nqueries = "queries.jsonl"\nqrels = "qrels.tsv"'
    (folder / "tiny.toml").write_text(RECIPE.format(data=data))
    after = run()
    assert after["dropped"]["nearly equals a question of the recipe"] >= 1
    assert first["_id"] not in {row["_id"] for row in lines(folder / "asked" / "queries.jsonl")}
    assert after["questions"] < facts["questions"]
    mended = table(folder, r1=("mend", first["text"]))
    refused(r"back.csv:\d+: mended, the question nearly equals", accept=str(mended))


def test_where_the_recipe_names_no_folder_it_is_told_to(folder):
    (folder / "tiny.toml").write_text(RECIPE.format(data=""))
    facts = run(passages=3, per_passage=1)
    assert (
        facts["passages"] == 3
        and facts["questions"] <= 3
        and (folder / "questions" / "queries.jsonl").is_file()
    )
    assert 'write into [data] of tiny.toml: synthetic = "questions"' in facts["next"]
    assert any("questions are few" in step for step in facts["next"])


def test_the_table_that_people_read(folder):
    with served(Scripted(asks)) as address:
        done = cli("questions", "tiny.toml", "--generator", address, "--model", "tiny-7b", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "- not a question" in done.stdout and ". open " in done.stdout and "undecided" in done.stdout


def test_a_question_that_finds_other_passages_is_not_kept(folder):
    facts = run(limit=1, script=Scripted(lambda prompt: "Does queen 1 see how king moves?"))
    assert facts["questions"] == 1
    assert (
        facts["dropped"] == {"nearly repeats another one": 11}
        or "does not bring its passage back" in facts["dropped"]
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"generator": "http://127.0.0.1:9/v1"}, "--model NAME"),
        ({}, "tiny.generator: no such file or folder; `pocketrag pack` makes"),
        ({"accept": "none.csv"}, "written.jsonl: there are no questions to review yet"),
        ({"accept": "none.csv", "generator": "x"}, "leave --generator out"),
        ({"template": "none.txt"}, "--template none.txt: No such file"),
        ({"template": "corpus.jsonl"}, "--template corpus.jsonl: "),
        ({"template": "two.txt"}, "--template two.txt: must hold {passage} once"),
        ({"template": "other.txt"}, r"--template other.txt: holds \{name\}, and knows"),
        ({"out": "corpus.jsonl"}, "--out corpus.jsonl: is not a folder"),
        ({"encoding": "klingon"}, "no such charset"),
    ],
)
def test_bad_input_is_told_once_and_nothing_is_written(folder, more, said):
    (folder / "two.txt").write_text("{passage} {passage}")
    (folder / "other.txt").write_text("{passage} {name}")
    with pytest.raises(InputError, match=said):
        questions("tiny.toml", **more)
    assert not (folder / "asked").exists()


def test_a_template_of_one_s_own(folder):
    (folder / "mine.txt").write_text("Ask {number} about: {title}\n{passage}")
    script = Scripted(asks)
    run(script=script, template="mine.txt", per_passage=3)
    assert script.asked[0][1]["messages"][0]["content"].startswith("Ask 3 about: the king 0\nthe king moves")


def test_a_model_that_only_chats_leaves_the_earlier_result_whole(folder):
    run()
    before = {file.name: file.read_bytes() for file in (folder / "asked").iterdir()}
    refused("no question is left: 12 a refusal", script=Scripted(lambda _: "I'm sorry, I can't."))
    assert {file.name: file.read_bytes() for file in (folder / "asked").iterdir()} == before


def test_people_s_questions_are_not_written_over(folder):
    file = write_jsonl(folder / "queries.jsonl", [{"_id": "q1", "text": "Who asked this?"}])
    before = file.read_bytes()
    refused("queries.jsonl: is there already, and a model's questions would replace it", out=".")
    assert file.read_bytes() == before and not (folder / "written.jsonl").exists()


def test_a_bundle_of_other_passages_is_refused_where_it_was_named(folder, tiny_bundle):
    refused("holds other passages than the corpus", bundle=str(tiny_bundle))


def test_a_bundle_of_the_same_passages_searches(tmp_path, monkeypatch, tiny_built, tiny_bundle):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus.jsonl").write_bytes((tiny_built / "corpus.jsonl").read_bytes())
    (tmp_path / "tiny.toml").write_text(RECIPE.format(data='synthetic = "asked"'))
    facts = run(bundle=str(tiny_bundle), passages=10)
    assert facts["searched"].startswith(str(tiny_bundle)) and facts["questions"] >= 5
