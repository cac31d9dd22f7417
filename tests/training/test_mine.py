"""Mining: whose questions train, which negatives are found, and that nothing of the evaluation leaks in."""

import json
from pathlib import Path

import pytest
from pocketrag.training.data import hard_negatives
from pocketrag.training.data.make_split import divide, nearest

from pocketrag.errors import InputError
from pocketrag.formats.data.beir import Passage, Question
from pocketrag.formats.data.near_duplicates import SAME_PASSAGE, SAME_QUESTION, containment, resemblance
from pocketrag.formats.split import Split
from pocketrag.recipe.recipe import read_recipe
from tests.conftest import make_data, make_recipe
from tests.training.pairs import change, make_pairs, read, words
from tests.verbs import mine, splits, tune


def rows_of(facts):
    return read(Path(facts["folder"]) / "triplets.jsonl")


def test_pairs_divide_by_their_own_split(tmp_path, tiny_bert):
    recipe = read_recipe(make_pairs(tmp_path, tiny_bert))
    passages, split, qrels = splits(recipe)
    division = divide(recipe)
    assert [p.id for p in passages] == [f"p{n:03}" for n in range(8)] and len(division.pool) == 80
    assert {len(part) for part in split.values()} == {128, 32, 8} and not division.left_out
    assert {p for q in split["test"] for p in qrels[q.id]} <= {p.id for p in passages}
    dev = {p for q in split["dev"] for p in qrels[q.id]}
    assert dev == {f"c{n}" for n in range(0, 80, 5)} == division.held
    assert not dev & {p for _, p in division.pairs}


def test_pairs_without_a_split_are_split_by_passage(tmp_path, tiny_bert):
    recipe = make_pairs(tmp_path, tiny_bert)
    rows = [{k: v for k, v in row.items() if k != "split"} for row in read(tmp_path / "pairs.jsonl")]
    change(tmp_path / "pairs.jsonl", *rows, keep=lambda row: False)
    division = divide(read_recipe(recipe))
    answered = [{p for q in part for p in division.qrels[q.id]} for part in (division.train, division.dev)]
    assert 25 <= len(division.dev) <= 39 and not answered[0] & answered[1]


def test_a_planted_leak_is_left_out_and_the_report_proves_it(tmp_path, tiny_bert):
    recipe = make_pairs(tmp_path, tiny_bert, train='strategy = "bm25"')
    test, pairs, corpus = (read(tmp_path / f"{name}.jsonl") for name in ("queries", "pairs", "corpus"))
    dev = next(row["query"] for row in pairs if row["split"] == "dev")
    plant = {"split": "train", "negative_ids": ["c2"]}
    change(
        tmp_path / "pairs.jsonl",
        {**plant, "query": test[0]["text"].upper(), "positive_id": "c1"},
        {**plant, "query": "please " + test[1]["text"], "positive_id": "c1"},
        {**plant, "query": "or so " + dev, "positive_id": "c3"},
        {**plant, "query": "quite another thing", "positive_id": "copy"},
        {**plant, "query": test[2]["text"], "positive_id": "c5", "split": "dev"},
    )
    change(tmp_path / "chunks.jsonl", {"_id": "copy", "text": f"1.1 {corpus[2]['text']} and more"})
    division = divide(read_recipe(recipe))
    assert division.left_out == {
        "has the text or id of an evaluation question": 1,
        "nearly equals one": 2,
        "its passage answers one": 1,
        "development question: has the text or id of an evaluation question": 1,
    } and division.equal == (("pair:161", "q0"), ("pair:165", "q2"))
    facts = mine(str(recipe), work=str(tmp_path / "work"))
    rows = rows_of(facts)
    assert {row["question_id"] for row in rows} == {q.id for q in division.train} and "copy" in division.held
    evaluation = [row["text"] for row in test] + [row["query"] for row in pairs if row["split"] == "dev"]
    most = max(resemblance(row["anchor"], asked) for row in rows for asked in evaluation)
    proof = facts["nearest_to_evaluation"]
    assert proof["resemblance"] == pytest.approx(most, abs=1e-4) and most < SAME_QUESTION == proof["limit"]
    assert {proof["training"]} <= {row["anchor"] for row in rows} and proof["evaluation"] in evaluation
    gold = [p["text"] for p in corpus[:8]]
    texts = {row[key] for row in rows for key in ("positive", "negative_1")}
    assert max(containment(text, other) for text in texts for other in gold) < SAME_PASSAGE


@pytest.mark.parametrize("strategy", hard_negatives.STRATEGIES)
def test_every_strategy_gives_triplets_that_datasets_loads(tmp_path, tiny_bert, strategy, monkeypatch):
    from datasets import load_dataset

    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    recipe = make_pairs(tmp_path, tiny_bert, train=f'strategy = "{strategy}"')
    facts = mine(str(recipe), work=str(tmp_path / "work"))
    rows = rows_of(facts)
    division = divide(read_recipe(recipe))
    chunks = {p.id: p for p in division.pool}
    assert len(rows) == facts["triplets"] > 50
    for row in rows:
        (negative,) = row["negative_ids"]
        assert negative not in division.held and negative != row["positive_id"]
        assert (
            row["negative_1"] == chunks[negative].text and row["positive"] == chunks[row["positive_id"]].text
        )
        assert row["source"] == chunks[row["positive_id"]].metadata["source"] == row["category"]
        if strategy == "same_document_other_page":
            assert chunks[negative].metadata["source"] == row["source"]
            assert chunks[negative].metadata["parent_id"] != chunks[row["positive_id"]].metadata["parent_id"]
        if strategy == "given":
            assert (
                negative
                in next(q for q in division.train if q.id == row["question_id"]).metadata["negative_ids"]
            )
    loaded = load_dataset(facts["folder"], cache_dir=str(tmp_path / "cache"))["train"]
    assert loaded.to_list() == rows


def test_the_guard_drops_what_answers_the_question_after_all(tmp_path, tiny_bert):
    recipe = make_pairs(tmp_path, tiny_bert, train='strategy = "given"')
    asked = "may the steward of Ely close the gate"
    more = {"split": "train", "difficulty": "easy"}
    change(tmp_path / "chunks.jsonl", {"_id": "twin", "text": f"{words(1)} {words(301)} indeed"})
    change(
        tmp_path / "pairs.jsonl",
        {**more, "query": asked, "positive_id": "c1", "negative_ids": ["twin", "c3", "c4", "c6"]},
        {**more, "query": asked, "positive_id": "c3", "negative_ids": ["c6"]},
        {**more, "query": asked + " now", "positive_id": "c4", "negative_ids": ["c6"]},
    )
    division = divide(read_recipe(recipe))
    kept, counts = hard_negatives.guard(
        hard_negatives.candidates(read_recipe(recipe), Path(), division), division
    )
    assert kept["pair:161", "c1"] == kept["pair:161", "c3"] == ["c6"]
    assert counts == {"answers the same question": 3, "nearly repeats such an answer": 2}
    facts = mine(str(recipe), work=str(tmp_path / "work"))
    assert facts["negatives_guarded"] == counts
    assert [row["negative_ids"] for row in rows_of(facts) if row["question_id"] == "pair:161"] == [
        ["c6"],
        ["c6"],
    ]


def test_the_guard_drops_what_is_the_question_itself():
    passages = [
        Passage(id_, "", text) for id_, text in zip("abc", ("a rule", "what ?", "the king"), strict=True)
    ]
    question = Question("q", "what ?", equal=("b",))
    split = Split(passages, passages, [question], [], [], {"q": {"a": 1}}, asked=(question,))
    kept, counts = hard_negatives.guard({("q", "a"): ["b", "c"]}, split)
    assert kept == {("q", "a"): ["c"]} and counts[hard_negatives.EQUALS] == 1


def test_filters_by_difficulty_and_category(tmp_path, tiny_bert):
    recipe = make_pairs(tmp_path, tiny_bert, train='difficulties = ["hard"]\ncategories = ["book1"]')
    division = divide(read_recipe(recipe))
    assert {(q.metadata["difficulty"], q.metadata["category"]) for q in division.train} == {("hard", "book1")}
    assert division.left_out == {"other difficulty or category": 96} and len(division.dev) == 32
    recipe.write_text(recipe.read_text().replace('["hard"]', '["difficult"]'))
    with pytest.raises(InputError, match=r"`train.difficulties`: .* 'difficult'; there are: easy, hard"):
        divide(read_recipe(recipe))


def test_so_many_questions_spread_over_the_file(tmp_path, tiny_bert):
    whole = divide(read_recipe(make_pairs(tmp_path, tiny_bert)))
    some = divide(read_recipe(make_pairs(tmp_path, tiny_bert, train="questions = 60")))
    assert len(some.train) == 60 and some.dev == whole.dev
    assert some.left_out["more than train.questions"] == len(whole.train) - 60
    places = [whole.train.index(q) for q in some.train]
    assert places == sorted(places) and places[0] == 0 and places[-1] > 0.9 * len(whole.train)


def test_same_inputs_same_bytes_and_another_date(tmp_path, tiny_bert, monkeypatch):
    recipe = str(make_pairs(tmp_path, tiny_bert, train='strategy = "bm25"'))
    facts = []
    for work, epoch in (("a", "0"), ("b", "86400")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        facts.append(mine(recipe, work=str(tmp_path / work)))
    one, other = ({f.name: f.read_bytes() for f in Path(each["folder"]).iterdir()} for each in facts)
    assert {name for name in one if one[name] != other[name]} == {"manifest.json"}
    assert [each["date"] for each in facts] == ["1970-01-01", "1970-01-02"]
    assert str(tmp_path) not in one["README.md"].decode() + json.dumps(facts[0]["sources"])


def test_tune_ranks_development_questions_among_the_chunks_they_mean(tmp_path, tiny_bert, monkeypatch):
    import sentence_transformers

    kept = []
    make = sentence_transformers.SentenceTransformerTrainingArguments
    monkeypatch.setattr(
        sentence_transformers,
        "SentenceTransformerTrainingArguments",
        lambda **given: kept.append(make(**given)) or kept[-1],
    )
    recipe, work = str(make_pairs(tmp_path, tiny_bert, train='strategy = "given"')), str(tmp_path / "work")
    mine(recipe, work=work)
    facts = tune(recipe, work=work)
    assert facts["triplets"] > 50 and 0 < facts["dev_ndcg@10"]["base"] < 1
    # What `check` calls built in.
    assert kept[0].batch_sampler == "no_duplicates" and not kept[0].fp16 and kept[0].load_best_model_at_end


def test_what_can_t_be_mined_is_named(tmp_path, tiny_bert):
    recipe = make_pairs(tmp_path, tiny_bert, train='strategy = "given"')
    change(tmp_path / "pairs.jsonl", {"query": "and this?", "positive_id": "c1", "split": "train"})
    with pytest.raises(InputError, match=r"pairs.jsonl: 1 questions have no `negative_ids` \(lines 161\)"):
        mine(str(recipe), work=str(tmp_path / "work"))
    change(tmp_path / "pairs.jsonl", keep=lambda row: row["split"] == "train")
    with pytest.raises(InputError, match="no dev question"):
        mine(str(recipe), work=str(tmp_path / "work"))
    assert not (tmp_path / "work" / "tiny" / "mine").exists()


def test_given_negatives_need_pairs(tmp_path, tiny_bert):
    recipe = make_recipe(make_data(tmp_path, asked=3), tiny_bert, "lora")
    recipe.write_text(recipe.read_text().replace("[export]", 'strategy = "given"\n[export]'))
    with pytest.raises(InputError, match="which the recipe does not name"):
        mine(str(recipe), work=str(tmp_path / "work"))


def test_nearest_of_nothing_is_nought():
    assert nearest([], []).resemblance == 0
