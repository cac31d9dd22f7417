"""The answer's card can be read, touched and heard as the rest of the sample."""

import re

import pytest

from tests.gradle_bundle.answers import said
from tests.gradle_bundle.screens import layout, resources
from tests.gradle_bundle.screens.test_design import CARD_LIES_ON, TEXT, TOUCHED, contrast, texts


def views():
    return [(view, resources.attributes(view)) for view in said.layout().iter()]


@pytest.mark.parametrize("theme", resources.VALUES)
def test_every_text_can_be_read(theme):
    found = list(texts(said.layout(), theme, layout.colour(CARD_LIES_ON, theme)))
    assert len(found) > 10
    assert [(what, contrast(ink, on)) for what, ink, on in found if contrast(ink, on) < TEXT] == []


def test_what_is_touched_is_large_enough_and_text_grows():
    touched = [told for view, told in views() if view.tag in TOUCHED]
    assert len(touched) == 1
    for told in touched:
        assert layout.pixels(told["minHeight"]) >= 48 and layout.pixels(told["minWidth"]) >= 48
    for view, told in views():
        if view.tag in layout.TEXTS:
            assert told["textSize"].endswith("sp") and told["layout_height"] == "wrap_content"


def test_the_answer_is_spoken_and_what_is_being_written_is_not():
    by_id = {told["id"].rpartition("/")[2]: told for _, told in views() if "id" in told}
    for spoken in ("answer_title", "answer_text", "answer_download"):
        assert by_id[spoken]["accessibilityLiveRegion"] == "polite"
    draft = by_id["answer_draft"]
    assert draft["importantForAccessibility"] == "no" and "accessibilityLiveRegion" not in draft


def test_every_string_and_every_view_is_used_and_no_other():
    text = "".join(file.read_text("utf-8") for file in (said.ANSWERS / "res").rglob("*.xml"))
    used = set(re.findall(r"R\.string\.(\w+)", said.code())) | set(re.findall(r"@string/(\w+)", text))
    assert used == set(said.strings())
    assert set(re.findall(r"R\.id\.(\w+)", said.code())) == said.ids()
    assert not set(said.strings()) & set(resources.strings())
    assert not re.findall(r"(?i)(?:padding|margin|align\w*|gravity)\w*(?:left|right)|\"(?:left|right)", text)


def test_lines_are_not_too_wide():
    wide = [
        line
        for file in (said.ANSWERS / "kotlin").rglob("*.kt")
        for line in file.read_text("utf-8").splitlines()
        if len(line) > 140
    ]
    assert not wide
