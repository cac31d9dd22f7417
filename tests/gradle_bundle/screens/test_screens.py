"""The pictures in the guide show the sample as it is: nothing that they were made of has changed since."""

from PIL import Image

from tests.conftest import ROOT
from tests.gradle_bundle.screens import layout, render, resources

NAMES = {f"{name}-{theme}.png" for name in (*render.ASKED, "opening") for theme in resources.VALUES}


def test_the_pictures_are_of_todays_sample():
    assert render.DIGEST.read_text("utf-8").strip() == render.digest(), (
        "run `make screens`, look at them, and commit both"
    )


def test_they_are_small_and_all_there():
    pictures = {file.name: file for file in render.PICTURES.glob("*.png")}
    assert set(pictures) == NAMES
    for file in pictures.values():
        assert file.stat().st_size < 60_000
        assert Image.open(file).size == tuple(side * render.SCALE for side in render.SIZE)


def test_each_is_in_the_guide_which_says_how_it_was_made():
    guide = (ROOT / "android_assets" / "README.md").read_text("utf-8")
    assert all(f"screens/{name}" in guide for name in NAMES)
    assert "without Android" in guide


def test_a_change_of_a_colour_or_a_string_is_seen(monkeypatch, tmp_path):
    before = render.digest()
    changed = tmp_path / "strings.xml"
    changed.write_text("<resources/>")
    monkeypatch.setattr(render, "ROOT", tmp_path)
    monkeypatch.setattr(render, "sources", lambda: [changed])
    monkeypatch.setattr(render, "PICTURES", tmp_path)
    assert render.digest() != before


def test_a_page_shows_what_a_view_is_given_and_nothing_that_is_gone():
    page = layout.page(
        "dark", {"corner": "Hybrid · 1 ms", "notice": None, "passages": [{"title": "A & B"}]}, (360, 720)
    )
    assert "Hybrid · 1 ms" in page and "A &amp; B" in page
    assert resources.strings()["retry"] not in page
    assert resources.colours("dark")["background"] in page
