"""The sample's screens can be read and touched: contrast by WCAG 2.2, targets of 48 dp, text in sp, sides that turn with the language."""

import re

import pytest

from tests.gradle_bundle.screens import layout, resources

LAYOUTS = ("main", "passage")
#: WCAG 2.2, 1.4.3 (AA) for text, 1.4.11 for what one must see to use it.
TEXT, SHAPE = 4.5, 3.0
TOUCHED = ("Button", "RadioButton", "EditText")
CARD_LIES_ON = "@color/background"


def luminance(colour):
    """WCAG 2.2, relative luminance of an sRGB colour."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """WCAG 2.2, contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def texts(element, theme, back):
    """Yield (what, its colour, what it lies on) for every text of a layout, by each state."""
    told = resources.attributes(element)
    for checked in (False, True):
        own = layout.background(told, theme, checked=checked) or back
        if element.tag in layout.TEXTS:
            for key in {"textColor", "textColorHint"} & set(told):
                yield (
                    f"{told.get('id')} {key} {checked}",
                    layout.colour(told[key], theme, checked=checked),
                    own,
                )
    for child in element:
        yield from texts(child, theme, layout.background(told, theme) or back)


def views():
    return [
        (name, view, resources.attributes(view))
        for name in LAYOUTS
        for view in resources.tree(f"layout/{name}").iter()
    ]


def test_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", resources.VALUES)
def test_every_text_can_be_read(theme):
    back = layout.colour(CARD_LIES_ON, theme)
    found = [row for name in LAYOUTS for row in texts(resources.tree(f"layout/{name}"), theme, back)]
    assert len(found) > 30
    assert [(what, contrast(ink, on)) for what, ink, on in found if contrast(ink, on) < TEXT] == []


@pytest.mark.parametrize("theme", resources.VALUES)
def test_the_field_the_buttons_and_the_bar_can_be_seen(theme):
    colours = resources.colours(theme)
    for shape, on in [
        ("outline", "surface"),
        ("outline", "background"),
        ("accent", "background"),
        ("accent", "quiet"),
    ]:
        assert contrast(colours[shape], colours[on]) >= SHAPE, (shape, on)


def test_day_and_night_have_the_same_colours():
    day, night = (resources._values((folder,), "color") for folder in ("values", "values-night"))
    # The launcher's icon is the same by day and by night.
    assert set(day) - {"icon"} == set(night)
    assert all(re.fullmatch("#[0-9A-F]{6}", row.text) for row in [*day.values(), *night.values()])


def test_what_is_touched_is_large_enough():
    touched = [(view, told) for _, view, told in views() if view.tag in TOUCHED]
    assert len(touched) >= 8
    for view, told in touched:
        assert layout.pixels(told["minHeight"]) >= 48, view.attrib
        assert told["layout_width"] != "wrap_content" or layout.pixels(told["minWidth"]) >= 48, view.attrib
        assert told["layout_height"] == "wrap_content"  # Larger text makes it higher.


def test_text_grows_with_the_phones_setting():
    sizes = [told["textSize"] for _, view, told in views() if view.tag in layout.TEXTS]
    assert sizes and all(size.endswith("sp") for size in sizes)
    for _, view, told in views():
        assert view.tag not in layout.TEXTS or told["layout_height"] == "wrap_content"


def test_sides_turn_with_the_language():
    xml = "\n".join(file.read_text("utf-8") for file in resources.RES.rglob("*.xml"))
    assert not re.findall(r"(?i)(?:padding|margin|align\w*|gravity)\w*(?:left|right)|\"(?:left|right)", xml)
    manifest = (resources.SAMPLE / "AndroidManifest.xml").read_text("utf-8")
    assert 'android:supportsRtl="true"' in manifest


def test_every_word_is_in_strings_and_every_string_is_used():
    code = "\n".join(file.read_text("utf-8") for file in resources.SAMPLE.rglob("*.kt"))
    xml = "\n".join(
        file.read_text("utf-8")
        for file in [*resources.RES.rglob("*.xml"), resources.SAMPLE / "AndroidManifest.xml"]
    )
    used = set(re.findall(r"R\.(?:string|plurals)\.(\w+)", code)) | set(re.findall(r"@string/(\w+)", xml))
    assert used == set(resources.strings()) | set(resources.plurals())
    for _, _, told in views():
        assert all(
            told.get(key, "@string/").startswith("@string/") for key in ("text", "hint", "contentDescription")
        )
    assert set(re.findall(r"R\.id\.(\w+)", code)) <= set(resources.numbers()["id"])


def test_what_shows_no_words_is_spoken_or_skipped():
    for _, view, told in views():
        if view.tag in ("ImageView", "ImageButton", "ProgressBar"):
            assert "contentDescription" in told or told.get("importantForAccessibility") == "no"
    # What is spoken for a button holds what it shows, so that it can be called by that.
    for _, _, told in views():
        if "contentDescription" in told and "text" in told:
            shown, spoken = (
                resources.strings()[told[key].removeprefix("@string/")]
                for key in ("text", "contentDescription")
            )
            assert shown in spoken
