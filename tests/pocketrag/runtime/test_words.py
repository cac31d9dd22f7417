"""Words and stems: what full text is built from."""

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pocketrag.formats.data.beir import Passage, Question
from pocketrag.recipe.languages import STEMMERS
from pocketrag.runtime.full_text import fill, full_text, is_whole
from pocketrag.runtime.queries import QUERIES, FullText
from pocketrag.runtime.words import count_words, cut, rows, stemmer, stems_of, with_stems

FRENCH = [
    Passage("a", "Arbitrage", "L'arbitre a arrêté les pendules ; les pendules sont arrêtées."),
    Passage("b", "Café", "Un joueur marché, il marche, ils marchent."),
    Passage("c", "", "Les joueurs 王将 🙂 мат"),
]
TEXT = st.text(min_size=1, max_size=60).filter(
    lambda t: "\x00" not in t and not any("\ud800" <= c <= "\udfff" for c in t)
)


def questions(*texts):
    return [Question(str(n), text) for n, text in enumerate(texts)]


def filled(passages, words):
    connection = apsw.Connection(":memory:")
    fill(connection, passages, words)
    return connection


def test_all_languages_have_a_stemmer():
    import snowballstemmer

    assert set(STEMMERS.values()) <= set(snowballstemmer.algorithms())
    assert stemmer("fr")("arrêtées") == "arrêt"


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_words_are_those_of_the_index(texts):
    """FTS5's own listing of its index, made without any of our cutting."""
    passages = [Passage(f"p{n}", "", text) for n, text in enumerate(texts)]
    for words in (count_words(passages), with_stems(passages, stemmer("fr"))):
        connection = filled(passages, words)
        connection.execute("CREATE VIRTUAL TABLE temp.v USING fts5vocab('main', 'chunks_fts', 'col')")
        listed = dict(connection.execute("SELECT term, doc FROM temp.v WHERE col = 'text'"))
        assert words.counts == listed
        stems = dict(connection.execute("SELECT term, doc FROM temp.v WHERE col = 'stems'"))
        assert dict(connection.execute("SELECT stem, passages FROM stems")) == stems


def test_the_commonest_spelling_chooses_the_stem_and_a_question_needs_no_accents():
    words = with_stems(FRENCH, stemmer("fr"))
    assert words.stem_of["arretees"] == words.stem_of["arrete"] == "arret"
    assert words.stem_of["marche"] == "march"  # once with the accent, once without: the first by alphabet
    # "pendule" and "cafés" stand in no passage and on no list: their stem is not known.
    found = full_text(FRENCH, questions("arretees", "arrêtée", "pendule", "marchent", "cafés"), words)
    assert [row[0][0] if row else None for row in found.values()] == ["a", None, None, "b", None]


def test_words_of_the_language_are_known_by_their_stem_alone():
    words = with_stems(FRENCH, stemmer("fr"), ["arrêtée", "cafés", "zèbre", "deux mots", "arrete"])
    assert words.extra == {"arretee": "arret", "cafes": "caf"} and "zebre" not in words.counts
    found = full_text(FRENCH, questions("arrêtée", "cafés", "zèbre"), words)
    assert [row[0][0] if row else None for row in found.values()] == ["a", "b", None]


def test_without_stems_the_tables_say_so():
    connection = filled(FRENCH, count_words(FRENCH))
    assert not list(connection.execute("SELECT * FROM stems")) and not list(
        connection.execute("SELECT * FROM words WHERE stem IS NOT NULL")
    )
    assert FullText(connection).match("ARBITRE") == '{title text} : "arbitre"'


def test_what_most_passages_have_is_not_looked_up():
    passages = [Passage(f"p{n}", "", f"the {'rare' if n == 3 else 'word'} number{n}") for n in range(21)]
    full = FullText(filled(passages, count_words(passages)))
    assert full.match("the word rare") == '{title text} : "rare"'
    assert full.match("the word") is None and full.bm25("the word", 5) == []


def test_the_rarest_words_are_read_first_and_one_always():
    passages = [Passage(f"p{n}", "", f"often{n % 3} number{n}") for n in range(30)]
    full = FullText(filled(passages, count_words(passages)))
    assert (
        full.match("often0 often1 number7", entries=12)
        == '{title text} : "number7" OR {title text} : "often0"'
    )
    assert full.match("often1", entries=1) == '{title text} : "often1"'


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE chunks SET text = text || ' more' WHERE n = 2",
        "UPDATE words SET passages = passages + 1 WHERE word = 'pendules'",
        "UPDATE words SET stem = 'joueur' WHERE word = 'pendules'",
        "DELETE FROM words WHERE word = 'pendules'",
        "DELETE FROM stems WHERE stem = 'joueur'",
        "INSERT INTO chunks_fts (rowid, title, text, stems) VALUES (9, 'x', 'y', 'z')",
        "UPDATE chunks_fts_data SET block = zeroblob(8) WHERE id > 10",
    ],
)
def test_a_changed_full_text_is_seen(damage):
    connection = filled(FRENCH, with_stems(FRENCH, stemmer("fr"), ["cafés"]))
    assert is_whole(connection)
    connection.execute(damage)
    assert not is_whole(connection)


def test_stems_follow_the_words():
    words = with_stems(FRENCH, stemmer("fr"))
    assert stems_of("Les joueurs marchent", words).split() == [
        words.stem_of[w] for w in cut("Les joueurs marchent")
    ]
    table, stems = rows(FRENCH, words)
    assert table == sorted(table) and stems == sorted(stems)


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_any_text_becomes_a_query_that_runs(text):
    full = FullText(CONNECTION)
    if (query := full.match(text)) is not None:
        list(CONNECTION.execute(QUERIES["bm25"], (query, 5)))


CONNECTION = filled(FRENCH, with_stems(FRENCH, stemmer("fr")))
