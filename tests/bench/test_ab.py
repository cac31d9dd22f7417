"""`pocketrag ab`: better, worse, alike or too little to tell, from an app's own log; and logs that it refuses."""

import json
import random

import pytest
from pocketrag.bench.ab import ab

from pocketrag.errors import InputError
from tests.conftest import cli, write_jsonl


def answers(version, ups, downs, **more):
    thumbs = ["up"] * ups + ["down"] * downs
    return [
        {"version": version, "encoder": "full", "model_id": "m", "thumb": thumb, "shown": True, **more}
        for thumb in thumbs
    ]


def compared(tmp_path, rows, **more):
    return ab(str(write_jsonl(tmp_path / "log.jsonl", rows)), old="1.0", new="1.1", **more)


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ((300, 200), (370, 130), "WIN"),
        ((370, 130), (300, 200), "REGRESSION"),
        ((30, 20), (33, 17), "TOO LITTLE"),
        ((0, 3), (3, 0), "WIN"),
        ((0, 1), (1, 0), "TOO LITTLE"),
        ((3000, 2000), (3010, 1990), "ALIKE"),
    ],
)
def test_verdicts(tmp_path, old, new, verdict):
    rows = answers("1.0", *old) + answers("1.1", *new)
    random.Random(1).shuffle(rows)  # noqa: S311 - an order
    facts = compared(tmp_path, rows)
    (thumb,) = facts.measures
    assert facts.verdict == thumb.verdict == verdict and facts.decides == "thumb" and not thumb.paired
    assert (thumb.n_old, thumb.n_new) == (sum(old), sum(new)) and thumb.old == pytest.approx(
        old[0] / sum(old)
    )
    assert bool(thumb.more_old and thumb.more_new) is (verdict == "TOO LITTLE")
    assert facts.encoders == {"1.0": {"full": sum(old)}, "1.1": {"full": sum(new)}}


def test_so_many_more_do_tell(tmp_path):
    """The same shares again, as many as it asked for: another verdict."""
    rows = answers("1.0", 30, 20) + answers("1.1", 31, 19)
    (thumb,) = compared(tmp_path, rows).measures
    times = -(-(50 + thumb.more_new) // 50)
    assert compared(tmp_path, rows * times).verdict in ("ALIKE", "WIN")


def test_pairs_by_question(tmp_path):
    rows = []
    for n in range(100):
        old, new = n < 62, n < 60 or 62 <= n < 74
        for version, up in (("1.0", old), ("1.1", new)):
            rows += answers(version, int(up), int(not up), question=f"q{n}")
    random.Random(2).shuffle(rows)  # noqa: S311 - an order
    (thumb,) = compared(tmp_path, rows).measures
    assert (
        thumb.paired and thumb.n_old == thumb.n_new == 100 and thumb.left_out == 0 and thumb.verdict == "WIN"
    )
    (alone,) = compared(tmp_path, [{**row, "question": None} for row in rows]).measures
    assert not alone.paired and alone.verdict == "TOO LITTLE"
    # Few questions in common: those would be chosen ones.
    (few,) = compared(
        tmp_path,
        [{**row, "question": row["question"] + row["version"][-1] * (k % 3)} for k, row in enumerate(rows)],
    ).measures
    assert not few.paired and few.n_old == 100
    assert compared(tmp_path, rows + answers("1.1", 5, 0, question="q1")).measures[0].left_out == 5


def test_opened_passages(tmp_path):
    rows = [{"version": "1.0", "opened": 2} for _ in range(40)] + [{"version": "1.0"} for _ in range(160)]
    rows += [{"version": "1.1", "opened": 1} for _ in range(90)] + [
        {"version": "1.1", "shown": True} for _ in range(110)
    ]
    rows += [{"version": "1.1", "shown": False} for _ in range(50)]
    facts = compared(tmp_path, rows)
    opened, first = facts.measures
    assert facts.decides == "opened" == opened.measure and facts.verdict == "WIN"
    assert (opened.old, opened.new, first.old, first.new) == (0.2, 0.45, 0, 0.45) and opened.n_new == 200


def test_on_the_command_line(tmp_path):
    write_jsonl(
        tmp_path / "log.jsonl", answers("1.0", 30, 20) + answers("1.1", 33, 17) + answers("0.9", 1, 0)
    )
    done = cli("ab", "log.jsonl", "--old", "1.0", "--new", "1.1", cwd=tmp_path)
    assert done.returncode == 0 and "too little to tell; about" in done.stdout, done.stderr
    said = json.loads(cli("ab", "log.jsonl", "--old", "1.0", "--new", "1.1", "--json", cwd=tmp_path).stdout)
    assert said["answers"] == {"0.9": 1, "1.0": 50, "1.1": 50}
    unknown = cli("ab", "log.jsonl", "--old", "1.0", "--new", "2.0", cwd=tmp_path)
    assert unknown.returncode == 2
    assert "no answer of version 2.0 was shown; it has: 0.9 (1), 1.0 (50), 1.1 (50)" in unknown.stderr


BAD = {
    "not JSON": ("{", r"log\.jsonl:2: not JSON"),
    "no object": ("[]", r"log\.jsonl:2"),
    "no version": ('{"thumb": "up"}', r"log\.jsonl:2: `version`"),
    "another thumb": ('{"version": "1.1", "thumb": "yes"}', r"log\.jsonl:2: `thumb`"),
    "a rank of 0": ('{"version": "1.1", "opened": 0}', r"log\.jsonl:2: `opened`"),
    "an unknown key": ('{"version": "1.1", "thumbs": "up"}', r"log\.jsonl:2: `thumbs`"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_lines(tmp_path, case):
    line, words = BAD[case]
    (tmp_path / "log.jsonl").write_text(f'{{"version": "1.0", "thumb": "up"}}\n{line}\n')
    with pytest.raises(InputError, match=words):
        ab(str(tmp_path / "log.jsonl"), old="1.0", new="1.1")


def test_nothing_to_compare(tmp_path):
    rows = [{"version": version} for version in ("1.0", "1.1")]
    with pytest.raises(InputError, match="neither `thumb` nor `opened`"):
        compared(tmp_path, rows)
    with pytest.raises(InputError, match="neither"):
        compared(tmp_path, [*answers("1.0", 3, 3), rows[1]])
    with pytest.raises(InputError, match="it has: none"):
        compared(tmp_path, [])
    with pytest.raises(InputError, match="name two versions"):
        ab("log", old="1.0", new="1.0")
    with pytest.raises(InputError, match="not a number between"):
        ab("log", old="1.0", new="1.1", matters=0)
    with pytest.raises(InputError, match="No such file"):
        ab(str(tmp_path / "none"), old="1.0", new="1.1")
