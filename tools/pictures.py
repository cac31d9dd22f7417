"""Draw the pictures of README.md into docs/pictures: `make pictures`.

It needs a built demo, Debian's graphviz and chromium, and `script` of util-linux.

- `flow.svg`: the stages of recipes/demo.toml and what each reads, from the table that runs them;
- `build.svg`: what a terminal shows of `pocketrag build recipes/demo.toml`;
- `report.png`, `report-*.png`: the page that `pocketrag report android_assets/demo` writes, by
  tools/report_pictures.py, which draws them alone and of any report.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pyte
from rich.console import Console
from rich.text import Text

from pocketrag.pipeline.build_plan import planned
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.stages import STAGES
from tools import report_pictures

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
RECIPE = "recipes/demo.toml"
#: Package of a stage -> its colour, dark enough for white text.
COLOURS = {"training": "#7d4e9e", "pipeline": "#7d4e9e", "export": "#1f6f8b", "bench": "#8a5a00"}
STYLE = (
    'rankdir=LR; bgcolor="transparent"; node [shape=box style="filled,rounded" fontname="sans-serif"]',
    'node [fontcolor="white" color="transparent"]; edge [color="#888888" fontname="sans-serif" fontsize=11]',
)
WIDTH = 110


def main() -> None:
    """Draw them all."""
    PICTURES.mkdir(exist_ok=True)
    _run("dot", "-Tsvg", "-o", str(PICTURES / "flow.svg"), text=flow())
    (PICTURES / "build.svg").write_text(terminal(recorded(f"pocketrag build {RECIPE}")), "utf-8")
    report_pictures.draw(ROOT / "android_assets" / "demo.report.json", PICTURES)


def flow() -> str:
    """Return the stages of the demo as a graph, in graphviz's language."""
    project = Project.read(str(ROOT / RECIPE))
    names = list(dict.fromkeys(_spec(one.stage) for one in planned(project)))
    nodes = [f'"{name}" [fillcolor="{COLOURS[_package(name)]}"]' for name in names]
    read = {(edge.name, name) for name in names for edge in STAGES[name].after}
    edges = sorted((a, b) for a, b in read if a in names and a != b)
    outside = [
        '"corpus, questions,\\nrecipe" [shape=note fillcolor="#e8e8e8" fontcolor="#1f2328"]',
        '"android_assets/NAME" [shape=folder fillcolor="#2f6b3a"]',
        '"your app" [shape=component fillcolor="#2f6b3a"]',
        '"corpus, questions,\\nrecipe" -> "split"',
        '"verify" -> "android_assets/NAME" [label="gates pass"]',
        '"android_assets/NAME" -> "your app" [label="aar, gradle"]',
    ]
    lines = [*nodes, *(f'"{a}" -> "{b}"' for a, b in edges), *outside]
    return _run("tred", text="digraph flow {\n" + ";\n".join([*STYLE, *lines]) + ";\n}\n")


def recorded(command: str) -> str:
    """Return what a terminal of `WIDTH` columns is left with after a command of ours."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "typescript"
        line = f"stty cols {WIDTH} rows 50; PATH={Path(sys.executable).parent}:$PATH {command}"
        subprocess.run(["script", "-qefc", line, log], cwd=ROOT, check=True, capture_output=True)  # noqa: S603, S607
        written = log.read_bytes().decode("utf-8", "replace")  # a lone return is one
    return left("\n".join(written.split("\n")[1:-2]))  # `script` says when it began and ended


def left(written: str) -> str:
    """Return the text that a terminal shows at last, bars drawn over themselves."""
    screen = pyte.Screen(WIDTH, 500)
    screen.set_mode(pyte.modes.LNM)
    pyte.Stream(screen).feed(written)
    return "\n".join(line.rstrip() for line in screen.display).strip("\n")


def terminal(text: str) -> str:
    """Return a terminal's text as an SVG."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere)
        console.print(Text(text))
        return console.export_svg(title=f"pocketrag build {RECIPE}")


def _spec(stage: str) -> str:
    return max((name for name in STAGES if stage == name or stage.startswith(f"{name}-")), key=len)


def _package(name: str) -> str:
    return STAGES[name].module.split(".")[1]


def _run(program: str, *arguments: str, text: str = "") -> str:
    found = shutil.which(program)
    if found is None:
        raise SystemExit(f"no {program}: apt-get install graphviz chromium")
    return subprocess.run(  # noqa: S603 - programs of this file, arguments as a list
        [found, *arguments], input=text, capture_output=True, text=True, check=True
    ).stdout


if __name__ == "__main__":
    main()
