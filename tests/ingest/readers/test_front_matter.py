"""Settings at the top of a file are no text, and a text between two rules is no setting."""

import pytest
from pocketrag.ingest.readers.from_markdown import read_markdown


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("---\ntitle: Lamp guide\nlayout: page\n---\n", "Lamp guide"),
        ('\ufeff---\r\nTitle: "Lamp"\r\n---\r\n', "Lamp"),
        ("---\ntitle: 'It''s'  # really\n---\n", "It's"),
        ("---\ntitle: >\n  Long title\n  goes on\n---\n", "Long title goes on"),
        ("---\ndescription: |\n  title: no\n\n  text\n---\n", ""),
        ("---\n# made by a program\n\ntitle: 7\n...\n", "7"),
        ("---\ntitle: a: b\nother: {{ x }}\n---\n", "a: b"),
        ("---\ntags:\n- a\n- b\n---\n", ""),
        ('+++\ntitle = "Pump"\n[extra]\ntitle = "no"\n+++\n', "Pump"),
        ("+++\ntitle = '''\nlong'''\n+++\n", "long"),
        ('---toml\ntitle = "Fan"\n---\n', "Fan"),
        (';;;\n{"title": "Door"}\n;;;\n', "Door"),
        ('{\n "title": "Door",\n "n": {}\n}\n', "Door"),
    ],
)
def test_settings_are_left_out(front, title):
    document = read_markdown(f"{front}\nText.\n".encode(), "x.md")
    assert document.title == title and [s.text.strip() for s in document.sections] == ["Text."]


@pytest.mark.parametrize(
    "text",
    [
        "---\nA line.\n\n---\nfirst\n",
        "---\n\ntitle: in the text\n\nwords\n\n---\n",
        "---\ntitle: Open\n\nwords go on\n",
        "{\nno settings\n}\n",
    ],
)
def test_a_text_between_rules_stays(text):
    (section,) = read_markdown(text.encode(), "x.md").sections
    words = [word for word in text.split() if word != "---"]
    assert [word for word in section.text.split() if word != "---"] == words
