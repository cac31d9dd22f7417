"""Traits by rank: what the pairs are, that models which know nothing find nothing, and what the grades say."""

import numpy as np
import pytest
from pocketrag.bench.traits import by_rank
from pocketrag.bench.traits.trait_rows import GRADES, TRAITS, Row, all_rows, grade, read_rows

from pocketrag.errors import GateError, InputError

ROWS = all_rows()


@pytest.mark.parametrize("trait", TRAITS)
def test_every_trait_has_fifty_rows_of_its_own(trait):
    rows = ROWS[trait]
    assert len(rows) >= 50 and len({row.anchor for row in rows}) == len(rows)
    for row in rows:
        assert len(row.negatives) >= 3
        texts = [row.anchor, row.positive, *row.negatives]
        assert len(set(texts)) == len(texts) and all(text.strip() for text in texts), row.anchor


def test_several_languages():
    assert len({row.language for row in ROWS["multilingual_alignment"]}) >= 8


def test_shares_are_a_whole_and_instructions_are_thirty_per_cent():
    assert sum(share for _, share in TRAITS.values()) == pytest.approx(1)
    assert TRAITS["instruction_awareness"][1] == 0.30


def test_models_that_know_nothing_are_at_chance():
    for trait, control in by_rank.controls(ROWS).items():
        assert control.constant == 0 and control.chance == 0.25, trait
        assert abs(control.random - 0.25) < 0.03


def noisy(anchors, candidates):
    """What gets the best mark of mean cosines: one vector for all texts, but for rounding."""
    rng, same = np.random.default_rng(0), np.ones(16) / 4
    return tuple(same + 1e-9 * rng.normal(size=(len(texts), 16)) for texts in (anchors, candidates))


def test_a_vector_that_all_texts_share_finds_nothing():
    assert not any((by_rank.ranks(rows, noisy) == 1).any() for rows in ROWS.values())


def test_ties_and_what_is_no_number_are_not_found():
    rows = [Row(anchor="a", positive="p", negatives=("x", "y", "z"))]

    def found(*cosines):
        given = np.array([[c, 0.0] for c in cosines])
        return int(by_rank.ranks(rows, lambda *_: (np.array([[1.0, 0.0]]), given))[0])

    assert found(0.9, 0.1, 0.2, 0.3) == 1 and found(0.9, 0.9, 0.2, 0.3) == 2
    assert found(0.1, 0.2, 0.3, 0.05) == 3 and found(np.nan, 0, 0, 0) == 4 and found(0.5, np.nan, 0, 0) == 2


def test_facts_have_chance_interval_and_count():
    rows = ROWS["code"]
    facts = by_rank.trait_facts(rows, np.array([1, 2] * (len(rows) // 2)))
    assert facts.mean == 0.5 and facts.mrr == 0.75 and facts.n == len(rows) and facts.chance == 0.25
    assert facts.chance_mrr == pytest.approx(25 / 48) and facts.interval[0] < 0.5 < facts.interval[1]


def test_overall_weighs_instructions_most():
    none = {trait: np.full(len(rows), 2) for trait, rows in ROWS.items()}
    only = by_rank.overall({**none, "instruction_awareness": np.ones(len(ROWS["instruction_awareness"]))})
    assert only.mean == pytest.approx(0.3) and only.interval == (0.3, 0.3)
    assert only.n == sum(map(len, ROWS.values()))


def test_broken_pairs_are_refused(monkeypatch):
    monkeypatch.setattr(by_rank, "TIE", -1.0)
    with pytest.raises(GateError, match="constant vector finds 1"):
        by_rank.controls(ROWS)


@pytest.mark.parametrize(
    ("overall", "instruction", "word"),
    [
        (0.75, 0.65, "excellent"),
        (0.9, 0.6, "good"),
        (0.74, 0.9, "good"),
        (0.7, 0.5, "fair"),
        (0.6, 0.0, "fair"),
        (0.599, 1.0, "poor"),
    ],
)
def test_grades(overall, instruction, word):
    assert grade(overall, instruction) == word and [row[0] for row in GRADES][-1] == "poor"


def test_a_row_with_two_negatives_is_refused(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"anchor": "a", "positive": "b", "negatives": ["c", "d"]}\n')
    with pytest.raises(InputError, match=r"x\.jsonl:1"):
        read_rows(tmp_path / "x.jsonl")
