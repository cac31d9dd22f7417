"""Questions that a model wrote in the split: they train beside people's, choose where there are no others, and never judge."""

import pytest
from pocketrag.training.data.make_split import ALIKE, EQUAL, PASSAGE, divide, require

from pocketrag.errors import InputError
from pocketrag.formats.data.origin import is_synthetic
from pocketrag.recipe.recipe import read_recipe
from tests.conftest import ACTS, PIECES, cli, make_data, write_jsonl, write_qrels


def write_written(folder, count=70, **change):
    """A question a passage, as `pocketrag questions` writes them."""
    rows = []
    for n in range(count):
        text = f"Does {PIECES[(n // 14 + n + 1) % 14]} {n} see how {PIECES[n % 14]} {ACTS[n % 10]}?"
        rows.append(
            {"_id": f"s-{n:03}", "text": text, "metadata": {"origin": "synthetic", "passage": f"p{n:03}"}}
        )
    for id_, text in change.items():
        rows[int(id_[1:])]["text"] = text
    (folder / "asked").mkdir(exist_ok=True)
    write_jsonl(folder / "asked" / "queries.jsonl", rows)
    write_qrels(folder / "asked" / "qrels.tsv", [(row["_id"], f"p{row['_id'][2:]}") for row in rows])
    return folder


def recipe(folder, judged=True, train="", data=""):
    people = 'queries = "queries.jsonl"\nqrels = "qrels.tsv"' if judged else ""
    file = folder / "tiny.toml"
    file.write_text(
        f'name = "tiny"\n[data]\ncorpus = "corpus.jsonl"\nsynthetic = "asked"\n{people}\n{data}\n[train]\n{train}'
    )
    return read_recipe(file)


def test_alone_they_train_and_choose_and_nothing_judges(tmp_path):
    split = divide(recipe(write_written(make_data(tmp_path)), judged=False))
    assert (len(split.train), len(split.dev), len(split.test)) == (56, 14, 0)
    answers = [{p for q in part for p in split.qrels[q.id]} for part in (split.train, split.dev)]
    assert not answers[0] & answers[1] and all(is_synthetic(q.metadata) for q in (*split.train, *split.dev))
    require(recipe(tmp_path, judged=False), split)


def test_beside_people_s_they_train_alone(tmp_path):
    folder = make_data(tmp_path)
    without = divide(read_recipe_without(folder))
    split = divide(recipe(write_written(folder)))
    assert [q.id for q in split.test] == [q.id for q in without.test]
    assert [q.id for q in split.dev] == [q.id for q in without.dev]
    assert {q.id for q in split.train} >= {q.id for q in without.train}
    held = {p for q in (*split.test, *split.dev) for p in split.qrels[q.id]}
    added = [q for q in split.train if is_synthetic(q.metadata)]
    assert added and not held & {p for q in added for p in split.qrels[q.id]}
    assert split.left_out[PASSAGE] == 70 - len(added)


def read_recipe_without(folder):
    file = folder / "without.toml"
    file.write_text(
        'name = "tiny"\n[data]\ncorpus = "corpus.jsonl"\nqueries = "queries.jsonl"\nqrels = "qrels.tsv"\n'
    )
    return read_recipe(file)


def test_what_equals_a_test_question_is_left_out_without_a_fault(tmp_path):
    folder = make_data(tmp_path)
    test = divide(read_recipe_without(folder)).test
    train = {p for q in divide(read_recipe_without(folder)).train for p in [q.id[1:4]]}
    places = [f"p{place}" for place in sorted(train)][:2]
    written = {f"p{int(places[0][1:])}": test[0].text, f"p{int(places[1][1:])}": f"{test[1].text} now"}
    split = divide(recipe(write_written(folder, **written)))
    assert split.left_out[EQUAL] >= 1 and split.left_out[ALIKE] >= 1 and split.equal == ()


def test_without_tuning_they_are_not_read(tmp_path):
    split = divide(recipe(make_data(tmp_path), train='method = "none"'))
    assert len(split.test) == 140 and not split.train


def test_too_few_name_their_file(tmp_path):
    small = recipe(write_written(make_data(tmp_path), count=20), judged=False)
    with pytest.raises(InputError, match=r"asked/queries.jsonl: 16 training pairs after the split"):
        require(small, divide(small))


@pytest.mark.parametrize("missing", ["asked", "asked/queries.jsonl", "asked/qrels.tsv"])
def test_what_is_not_written_yet_is_said_with_the_command(tmp_path, missing):
    write_written(make_data(tmp_path))
    target = tmp_path / missing
    target.unlink() if target.is_file() else target.rename(tmp_path / "elsewhere")
    with pytest.raises(
        InputError, match=r"asked: `data.synthetic` names this folder.*`pocketrag questions RECIPE`"
    ):
        divide(recipe(tmp_path, judged=False))


def test_a_judged_question_with_the_id_of_a_model_s_is_one(tmp_path):
    folder = write_written(make_data(tmp_path))
    with (folder / "queries.jsonl").open("a") as stream:
        stream.write('{"_id": "s-003", "text": "Somebody took away what says so?"}\n')
    with (folder / "qrels.tsv").open("a") as stream:
        stream.write("s-003\tp003\t1\n")
    with pytest.raises(InputError, match=r"queries.jsonl: judges 's-003', .* never judge"):
        divide(recipe(folder))


@pytest.mark.parametrize(
    ("judged", "data", "said"),
    [
        (
            True,
            'train_pairs = "p.jsonl"\ntrain_corpus = "corpus.jsonl"',
            "synthetic questions ask of the passages of corpus",
        ),
        (False, 'unanswerable = "p.jsonl"', "unanswerable needs queries and qrels"),
    ],
)
def test_keys_that_do_not_go_together(tmp_path, judged, data, said):
    (make_data(tmp_path) / "p.jsonl").write_text("{}")
    with pytest.raises(InputError, match=said):
        recipe(tmp_path, judged, data=data)


def test_a_file_is_no_folder(tmp_path):
    (make_data(tmp_path) / "asked").write_text("")
    with pytest.raises(InputError, match=r"`data.synthetic` names .*asked, which is not a folder"):
        recipe(tmp_path)


@pytest.mark.parametrize("key", ["queries", "guard", "unanswerable", "negations"])
def test_check_refuses_a_model_s_questions_wherever_something_judges(tmp_path, tiny_bert, key):
    folder = write_written(make_data(tmp_path))
    write_jsonl(folder / "guard.jsonl", [{"_id": "g1", "text": "Is lunch served?"}])
    write_qrels(folder / "guard.tsv", [("g1", "p000")])
    write_jsonl(folder / "unanswerable.jsonl", [{"text": "How much is lunch?"}])
    write_jsonl(folder / "negations.jsonl", [{"text": "May I?", "negated": "May I not?"}])
    file = folder / f"{key}.jsonl"
    with file.open("a") as stream:
        stream.write(
            '{"_id": "x", "text": "Who?", "negated": "Who not?", "metadata": {"origin": "synthetic"}}\n'
        )
    number = len(file.read_text().splitlines())
    (folder / "tiny.toml").write_text(f"""
name = "tiny"
[data]
corpus = "corpus.jsonl"
queries = "queries.jsonl"
qrels = "qrels.tsv"
guard_corpus = "corpus.jsonl"
guard_queries = "guard.jsonl"
guard_qrels = "guard.tsv"
unanswerable = "unanswerable.jsonl"
negations = "negations.jsonl"
[model]
base = "{tiny_bert}"
[train]
method = "none"
""")
    done = cli("check", "tiny.toml", "--json", cwd=folder)
    assert done.returncode == 2, done.stdout + done.stderr
    assert f"{key}.jsonl:{number}: the `origin` is" in done.stdout
