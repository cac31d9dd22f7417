"""Single questions of a build: told as the stages found them, and counted as the verdict counts them."""

from pocketrag.bench.quality.asked import BEGINNING, SAMPLES, Ranked, of_split

from pocketrag.formats.data.beir import Passage, Question
from pocketrag.formats.split import Split

PASSAGES = [
    Passage("a", "Title of a", "x " * 300),
    Passage("b", "", "Text of b."),
    Passage("c", "C", "Text of c."),
]


def split(n: int = 2, grade: int = 1) -> Split:
    asked = [Question(f"q{i}", f"Question {i}?") for i in range(n)]
    qrels = {q.id: {"a": grade, "b": 2} for q in asked}
    return Split(PASSAGES, PASSAGES, [], [], asked, qrels)


def ranked(ndcg: float, *ids: str, n: int = 2) -> Ranked:
    return Ranked({f"q{i}": list(ids) for i in range(n)}, {f"q{i}": ndcg for i in range(n)})


def test_ranks_titles_and_what_was_expected():
    found = of_split(split(), ranked(0.5, "c", "a"), ranked(1.0, "b", "c"))
    row = found.asked[0]
    assert (row.base.rank, row.base.first, row.shipped.rank, row.shipped.first) == (2, "C", 1, "b")
    assert row.expected == "b"  # judged best, and without a title
    assert found.samples[0].judged and found.samples[0].text == "Text of b."


def test_nothing_right_has_no_rank_and_a_grade_of_zero_is_not_right():
    none = of_split(split(grade=0), ranked(0.0, "c"), ranked(0.0, "a")).asked[0]
    assert none.base.rank is None and none.shipped.rank is None


def test_a_long_passage_is_cut_and_samples_are_few():
    found = of_split(split(40), ranked(0.0, "c", n=40), ranked(1.0, "a", n=40))
    assert len(found.samples) == SAMPLES and len(found.asked) == found.n == 40
    assert len(found.samples[0].text) <= BEGINNING and found.samples[0].text.endswith("…")


def test_gains_by_what_the_metadata_say():
    one = split(6)
    for n, question in enumerate(one.test):
        question.metadata.update({"category": "ab"[n % 2], "other": n})
    after = ranked(0.5, "a", n=6)
    after.ndcg.update(q1=1.0, q3=0.75)
    found = of_split(one, ranked(0.5, "a", n=6), after).gains
    assert list(found) == ["category"]
    none, some = found["category"]["a"], found["category"]["b"]
    assert (none.difference, none.interval, none.n) == (0, (0, 0), 3)
    assert some.difference == 0.25 and (some.better, some.worse, some.n) == (2, 0, 3)
    assert 0 <= some.interval[0] <= 0.25 <= some.interval[1] <= 0.5
    assert of_split(split(), ranked(0.5, "c"), ranked(1.0, "b")).gains == {}


def test_of_very_many_questions_an_even_choice_is_kept():
    found = of_split(split(2500), ranked(0.0, "c", n=2500), ranked(1.0, "a", n=2500))
    assert found.n == 2500 and len(found.asked) == 1000 and found.asked[-1].id != "q999"


def test_the_digest_is_of_questions_and_judgements_alone():
    one = of_split(split(), ranked(0.5, "c"), ranked(1.0, "b")).sha256
    assert one == of_split(split(), ranked(0.1, "a"), ranked(0.2, "c")).sha256
    assert one != of_split(split(3), ranked(0.5, "c", n=3), ranked(1.0, "b", n=3)).sha256
    assert one != of_split(split(grade=2), ranked(0.5, "c"), ranked(1.0, "b")).sha256
