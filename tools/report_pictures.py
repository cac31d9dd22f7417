"""Draw the page of a report, as a person sees it first: `python -m tools.report_pictures [REPORT.json]`.

On a desk and on a phone, in light and dark. It needs Debian's chromium.

- `report.png`: the top of the page, for README.md;
- `report-light-1280.png`, `report-dark-1280.png`, `report-light-390.png`, `report-dark-390.png`: more of it;
- `report-charts.png`: the part with the charts.
"""

from __future__ import annotations

import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pocketrag.bench.report import report

from tools.browser import visit, window

#: Colours of a picture: few enough to be small, enough for letters without steps.
COLOURS = 64


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the window, and from which part of the page on."""

    name: str
    width: int
    height: int
    dark: bool = False
    at: str = "body"


SHOTS = (
    Shot("report", 1100, 700),
    Shot("report-light-1280", 1280, 1500),
    Shot("report-dark-1280", 1280, 1500, dark=True),
    Shot("report-light-390", 390, 1500),
    Shot("report-dark-390", 390, 1500, dark=True),
    Shot("report-charts", 1280, 900, at="#ladder"),
)


def draw(source: Path, folder: Path) -> None:
    """Write the report's page and draw it."""
    with tempfile.TemporaryDirectory() as aside:
        page = Path(aside) / "report.html"
        report([str(source)], out=str(page))
        for shot in SHOTS:
            (folder / f"{shot.name}.png").write_bytes(small(taken(page, shot)))


def taken(page: Path, shot: Shot) -> bytes:
    """Return a picture as the browser makes it."""
    with visit(**window(shot.width, shot.height, shot.dark)) as shown:
        shown.page.goto(page.resolve().as_uri())
        shown.ask(f"document.querySelector('{shot.at}').scrollIntoView()")
        return shown.page.screenshot()


def small(picture: bytes) -> bytes:
    """Return the same with few colours, the rare ones of charts among them."""
    written, whole = io.BytesIO(), Image.open(io.BytesIO(picture)).convert("RGB")
    few = whole.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


def main() -> None:
    """Draw the report of the demo, or the one that is given, into docs/pictures."""
    root = Path(__file__).resolve().parents[1]
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "android_assets" / "demo.report.json"
    folder = root / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    draw(source, folder)


if __name__ == "__main__":
    main()
