"""Readings above the line (`<ruby>`): 漢字 below かんじ becomes 漢字(かんじ), so the word stays whole."""

from __future__ import annotations

from bs4 import BeautifulSoup


def spell_ruby(soup: BeautifulSoup) -> None:
    """Write the readings of each `<ruby>` behind all of its base, in brackets."""
    for ruby in soup.find_all("ruby"):
        # Browsers end an <rt> before the next one; libxml2 puts that into it.
        readings = [
            "".join(rt.find_all(string=lambda text, rt=rt: text.find_parent("rt") is rt)).strip()
            for rt in ruby.find_all("rt")
        ]
        for tag in ruby.select("rt, rtc, rp"):
            tag.extract()
        for string in [text for text in ruby.find_all(string=True) if "\n" in text]:
            string.replace_with(string.strip())
        if reading := joined([text for text in readings if text]):
            ruby.append(f"({reading})")
        ruby.unwrap()


def joined(readings: list[str]) -> str:
    """Return the readings as one: Latin ones, such as pinyin, are words of their own."""
    return (" " if any(text[0].lower() != text[0].upper() for text in readings) else "").join(readings)
