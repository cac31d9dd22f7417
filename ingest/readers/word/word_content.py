"""Rewrites a text of a Word file into what mammoth 1.12 reads of it whole.

mammoth passes over ruby, `w:bdo`, `w:dir`, fields in one piece, formulas, page breaks and text boxes without
a fallback; it reads hidden text, and neither numbers of paragraphs nor headings that a style makes.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from ..package import choose, parsed, replace
from .formulas import spelled_out
from .word_names import MATH, VAL, WORD, switch, usual
from .word_numbers import Numbers
from .word_styles import Styles

#: Only say how their content is set.
WRAPPINGS = ("bdo", "dir", "fldSimple")
#: Around the number of a paragraph, which the file itself does not hold; no text has these code points.
LABEL = ("\ufdd0", "\ufdd1")
#: What a run shows.
SHOWN = tuple(
    f"{WORD}{name}" for name in ("t", "sym", "drawing", "pict", "object", "footnoteReference", "tab")
)


def rewritten(content: bytes, styles: Styles, numbering: Any) -> bytes:  # noqa: ANN401 - lxml has no types
    """Return a part's XML, rewritten; `numbering` is the root of `word/numbering.xml` or None."""
    root = parsed(usual(content))
    choose(root)
    _boxes(root)
    _unwrap(root)
    _hide(root, styles)
    _spell(root)
    _number(root, styles, Numbers(numbering, styles))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _text(text: str) -> Any:  # noqa: ANN401 - lxml has no types
    made = etree.Element(f"{WORD}t")
    made.text = text
    return made


def _words(element: Any) -> str:  # noqa: ANN401 - lxml has no types
    return "".join(text.text or "" for text in element.iter(f"{WORD}t"))


def _boxes(root: Any) -> None:  # noqa: ANN401 - lxml has no types
    """Leave of a drawing the text that it holds."""
    for drawing in list(root.iter(f"{WORD}drawing")):
        boxes = [box for box in drawing.iter(f"{WORD}txbxContent") if not _within(box, drawing)]
        if boxes:
            # mammoth reads a box of the older kind, and puts it behind its paragraph.
            picture = etree.Element(f"{WORD}pict")
            picture.extend(boxes)
            replace(drawing, [picture])


def _within(box: Any, drawing: Any) -> bool:  # noqa: ANN401 - lxml has no types
    outer = next(box.iterancestors(f"{WORD}txbxContent", f"{WORD}drawing"), None)
    return outer is not drawing


def _unwrap(root: Any) -> None:  # noqa: ANN401 - lxml has no types
    for name in WRAPPINGS:
        for wrapping in list(root.iter(f"{WORD}{name}")):
            replace(wrapping, list(wrapping))
    for ruby in list(root.iter(f"{WORD}ruby")):
        base, reading = ("".join(map(_words, ruby.findall(f"{WORD}{name}"))) for name in ("rubyBase", "rt"))
        replace(ruby, [_text(f"{base}({reading})" if reading.strip() else base)])


def _hide(root: Any, styles: Styles) -> None:  # noqa: ANN401 - lxml has no types
    for row in list(root.iter(f"{WORD}tr")):
        if switch(row, "trPr/hidden"):
            row.getparent().remove(row)
    for paragraph in list(root.iter(f"{WORD}p")):
        runs = [run for run in paragraph.iter(f"{WORD}r") if _paragraph(run) is paragraph]
        hidden = [run for run in runs if styles.hides(paragraph, run)]
        for run in hidden:
            for shown in [child for child in run if child.tag in SHOWN]:
                run.remove(shown)  # what is left of the run belongs to a field
        if hidden == runs and styles.hides(paragraph):
            paragraph.getparent().remove(paragraph)


def _paragraph(element: Any) -> Any:  # noqa: ANN401 - lxml has no types
    return next(element.iterancestors(f"{WORD}p"), None)


def _spell(root: Any) -> None:  # noqa: ANN401 - lxml has no types
    """Write formulas and breaks as text."""
    for mark in list(root.iter(f"{WORD}cr")):
        mark.tag = f"{WORD}br"
    for mark in list(root.iter(f"{WORD}br", f"{WORD}ptab")):
        if mark.tag == f"{WORD}ptab" or mark.get(f"{WORD}type") in ("page", "column"):
            replace(mark, [_text(" ")])
    for formula in list(root.iter(f"{MATH}oMath")):
        run = etree.Element(f"{WORD}r")
        run.append(_text(spelled_out(formula)))
        replace(formula, [run])
    for outer in list(root.iter(f"{MATH}oMathPara")):
        replace(outer, list(outer.iter(f"{WORD}r")))


def _number(root: Any, styles: Styles, numbers: Numbers) -> None:  # noqa: ANN401 - lxml has no types
    """Write the numbers of paragraphs as text, and headings and lists as mammoth knows them."""
    for paragraph in root.iter(f"{WORD}p"):
        # A paragraph whose end is deleted is the beginning of the next one.
        joined = paragraph.find(f"{WORD}pPr/{WORD}rPr/{WORD}del") is not None
        place = None if joined else numbers.place(paragraph)
        level, named = styles.level(paragraph), styles.named(paragraph)
        label = None if place is None else numbers.label(*place)
        properties = paragraph.find(f"{WORD}pPr")
        if properties is None:
            properties = etree.Element(f"{WORD}pPr")
            paragraph.insert(0, properties)
        if level is not None or named is not None:
            _set(properties, "pStyle", {VAL: f"Heading{level}" if level is not None else str(named)})
        # A list that shows nothing before its paragraphs is none for a reader.
        _list(properties, None if label == "" else place)
        if label and _words(paragraph).strip():
            run = etree.Element(f"{WORD}r")
            run.append(_text(label.join(LABEL)))
            paragraph.insert(1, run)


def _set(properties: Any, name: str, attributes: dict[str, str]) -> Any:  # noqa: ANN401 - lxml has no types
    for old in properties.findall(f"{WORD}{name}"):
        properties.remove(old)
    made = etree.Element(f"{WORD}{name}", attributes)
    properties.insert(0, made)
    return made


def _list(properties: Any, place: tuple[str, int] | None) -> None:  # noqa: ANN401 - lxml has no types
    # List 0 is none (17.9.18). With a level mammoth asks no style of its own.
    list_, level = place or ("0", 0)
    made = _set(properties, "numPr", {})
    etree.SubElement(made, f"{WORD}ilvl", {VAL: str(level)})
    etree.SubElement(made, f"{WORD}numId", {VAL: list_})
