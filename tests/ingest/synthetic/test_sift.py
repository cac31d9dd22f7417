"""What is no question to keep, and that people's own questions are."""

import pytest
from pocketrag.ingest.synthetic import sift
from pocketrag.ingest.synthetic.sift import against
from pocketrag.ingest.synthetic.tongue import is_foreign

from pocketrag.formats.data.beir import Passage, read_judged
from tests.conftest import ROOT

CLOCK = Passage(
    "a", "Rules > Clock", "The arbiter may stop the clocks. A player may ask him to, once a round."
)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Who may stop a clock?", None),
        ("How often can I make such a request?", None),
        ("I'm sorry, I can't write questions.", sift.REFUSAL),
        ("Es tut mir leid, das geht nicht.", sift.REFUSAL),
        ("Je ne peux pas répondre.", sift.REFUSAL),
        ("Clock?", sift.TITLE),
        ("Rules > Clock", sift.TITLE),
        ("Here are two questions:", sift.NO_QUESTION),
        ("The arbiter decides it.", sift.NO_QUESTION),
        ("The arbiter decides it;", sift.NO_QUESTION),
        ("Who stops?", sift.SHORT),
        ("Who stops " + "the clock " * 30 + "?", sift.LONG),
        ("What does this passage say about clocks?", sift.ABOUT_TEXT),
        ("According to the text, who stops the clocks?", sift.ABOUT_TEXT),
        ("Who, as mentioned above, may stop them?", sift.ABOUT_TEXT),
        ("Was steht in diesem Abschnitt über Uhren?", sift.ABOUT_TEXT),
        ("Selon le texte, qui arrête les pendules ?", sift.ABOUT_TEXT),
        ("¿Qué dice este fragmento de los relojes?", sift.ABOUT_TEXT),
        ("The arbiter may stop the clocks?", sift.COPY),
        ("Wer darf die Uhren anhalten und wann?", sift.FOREIGN),
        ("Кто может остановить часы?", sift.FOREIGN),
        ("誰が時計を止めますか?", sift.FOREIGN),
    ],
)
def test_each_reason(line, reason):
    assert against(line, CLOCK, "en") == reason


def test_a_corpus_about_texts_may_speak_of_them():
    passage = Passage("b", "Forms", "Sign this document on every page; this document is kept for ten years.")
    assert against("How long is this document kept by the office?", passage, "en") is None


@pytest.mark.parametrize(
    "question",
    [
        "Ποιος σταματά το ρολόι;",
        "من يوقف الساعة؟",
        "誰が時計を止めますか",
        "谁可以停比赛的钟呢",
        "ใครหยุดนาฬิกาได้ไหม",
    ],
)
def test_questions_of_other_scripts_end_as_they_do_there(question):
    assert against(question, Passage("c", "", question[:3] + "。" + question[1:4]), None) is None


@pytest.mark.parametrize(
    ("question", "passage", "language", "foreign"),
    [
        ("時計は誰が止めますか?", "審判は時計を止めることができます。", None, False),
        ("Who stops the clock?", "審判は時計を止めることができます。", None, True),
        ("Wer ist FIDE?", "Die FIDE ist ein Verband.", "de", False),
        ("What is the FIDE?", "Die FIDE ist ein Verband.", "de", True),
        ("Что делает FIDE?", "ФИДЕ проводит турниры.", "ru", False),
        ("Ποιος σταματά το ρολόι;", "Ο διαιτητής σταματά το ρολόι.", "el", False),
        ("42?", "Die FIDE ist ein Verband.", "de", False),
    ],
)
def test_the_language_by_script_and_small_words(question, passage, language, foreign):
    assert is_foreign(question, passage, language) == foreign


@pytest.mark.parametrize(("corpus", "kept"), [("handbook", 0.99), ("outside", 0.99)])
def test_people_s_own_questions_pass_but_for_their_missing_mark(corpus, kept):
    folder = ROOT / "examples" / corpus
    passages, questions, judged = read_judged(
        *(folder / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"))
    )
    by_id = {p.id: p for p in passages}
    reasons = [
        against(q.text if q.text.endswith("?") else f"{q.text}?", by_id[p], q.metadata.get("origin", "en"))
        for q in questions for p in judged[q.id]
    ]  # fmt: skip
    assert reasons.count(None) >= kept * len(reasons), [r for r in reasons if r]
