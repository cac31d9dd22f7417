"""The README's pictures are there, and show what is: `make pictures` draws them."""

import re

from pocketrag.pipeline.build_plan import planned
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.stages import STAGES
from tests.conftest import ROOT

PICTURES = ROOT / "docs" / "pictures"


def test_every_picture_that_a_page_shows_is_there():
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        text = page.read_text("utf-8")
        for name in re.findall(r'!\[[^\]]*\]\(([^)]+)\)|<img src="([^"]+)"', text):
            assert (page.parent / (name[0] or name[1])).is_file(), f"{page.name}: {name}"


def test_the_flow_shows_the_demo_s_stages():
    drawn = (PICTURES / "flow.svg").read_text("utf-8").replace("&#45;", "-")
    for one in planned(Project.read(str(ROOT / "recipes" / "demo.toml"))):
        stage = max(
            (name for name in STAGES if one.stage == name or one.stage.startswith(f"{name}-")), key=len
        )
        assert f">{stage}<" in drawn, f"{stage}: run `make pictures`"


def test_the_terminal_shows_a_whole_build():
    drawn = (PICTURES / "build.svg").read_text("utf-8").replace("&#160;", " ")
    for word in (
        "[1 of 18] split: running",
        "[18 of 18]",
        "shipped against base",
        "Build gates 22 of 22",
        "next: pocketrag search",
    ):
        assert word in drawn, word
