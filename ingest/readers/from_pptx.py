"""PPTX -> a section a slide, through python-pptx."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from collections.abc import Iterator
from html import escape
from typing import Any

from lxml import etree

from .document import Document, Section
from .from_html import document_of
from .package import choose, parsed, replace
from .word.formulas import spelled_out

#: Where text stands.
TEXTS = re.compile(r"ppt/(?:slides|notesSlides)/[^/]+\.xml")
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
#: A formula in a paragraph.
FORMULA = "{http://schemas.microsoft.com/office/drawing/2010/main}m"


def pptx(data: bytes) -> Document:
    """Read a PPTX file: the slides that are shown, by number, and their notes."""
    from pptx import Presentation  # here: a folder without such files need not have it loaded

    found = list[Section]()
    for number, slide in enumerate(Presentation(io.BytesIO(_ready(data))).slides, 1):
        if slide._element.get("show") not in ("0", "false"):
            page = document_of("".join(_slide(slide)))
            found += [dataclasses.replace(section, page=number) for section in page.sections]
    return Document("", tuple(found))


def _ready(data: bytes) -> bytes:
    """Return the file with what python-pptx passes over: shapes in several forms, and formulas as text."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            named = TEXTS.fullmatch(name) and (b"AlternateContent" in content or b"oMath" in content)
            new.writestr(name, _rewritten(content) if named else content)
    return made.getvalue()


def _rewritten(content: bytes) -> bytes:
    root = parsed(content)
    choose(root)
    for formula in list(root.iter(FORMULA)):
        run = etree.Element(f"{DRAWING}r")
        etree.SubElement(run, f"{DRAWING}t").text = spelled_out(formula)
        replace(formula, [run])
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _slide(slide: Any) -> Iterator[str]:  # noqa: ANN401 - python-pptx has no types
    title = slide.shapes.title
    if title is not None and title.text.strip():
        yield f"<h1>{escape(' '.join(title.text.split()))}</h1>"
    for shape in _in_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape(shape)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None and notes.text.strip():
        yield "".join(_paragraphs(notes))


def _in_order(shapes: Any) -> list[Any]:  # noqa: ANN401 - python-pptx has no types
    # As people read: from the top, then from the left. What stands where the layout says has no place of its
    # own and comes first, as in the file.
    return sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))


def _shape(shape: Any) -> Iterator[str]:  # noqa: ANN401 - python-pptx has no types
    from pptx.enum.shapes import MSO_SHAPE_TYPE

    if shape._element.xpath(".//p:cNvPr[@hidden='1']"):
        return
    if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
        for inner in _in_order(shape.shapes):
            yield from _shape(inner)
    elif getattr(shape, "has_table", False):
        yield _table(shape.table)
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart)
    elif shape.has_text_frame:
        yield from _paragraphs(shape.text_frame)
    elif description := " ".join(shape._element.xpath("./p:nvPicPr/p:cNvPr/@descr")):
        yield f"<p>{escape(description)}</p>"


def _paragraphs(frame: Any) -> Iterator[str]:  # noqa: ANN401 - python-pptx has no types
    for paragraph in frame.paragraphs:
        if paragraph.text.strip():
            text = escape(paragraph.text).replace("\v", "<br>").replace("\n", "<br>")
            yield f"<p>{text}</p>"


def _table(table: Any) -> str:  # noqa: ANN401 - python-pptx has no types
    rows = ("".join(_cell(cell) for cell in row.cells if not cell.is_spanned) for row in table.rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _cell(cell: Any) -> str:  # noqa: ANN401 - python-pptx has no types
    spans = f' rowspan="{cell.span_height}" colspan="{cell.span_width}"' if cell.is_merge_origin else ""
    return f"<td{spans}>{escape(cell.text)}</td>"


def _chart(chart: Any) -> Iterator[str]:  # noqa: ANN401 - python-pptx has no types
    if chart.has_title and chart.chart_title.has_text_frame:
        yield from _paragraphs(chart.chart_title.text_frame)
    for plot in chart.plots:
        head = "".join(f"<th>{escape(str(series.name or ''))}</th>" for series in plot.series)
        rows = zip(plot.categories, *(series.values for series in plot.series), strict=False)
        body = ("".join(f"<td>{escape('' if v is None else str(v))}</td>" for v in row) for row in rows)
        yield f"<table><tr><th></th>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in body)}</table>"
