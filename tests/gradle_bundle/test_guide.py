"""The guide for the mobile engineer names what the Kotlin runtime has: each exception, and each call that it shows."""

import re

import pytest
from pocketrag.export.android.assets import ASSETS

from tests.conftest import ROOT

GUIDE = (ROOT / "android_assets" / "README.md").read_text("utf-8")
PROJECT = (ROOT / "gradle-bundle" / "README.md").read_text("utf-8")
SOURCES = "\n".join(
    path.read_text("utf-8") for path in sorted((ROOT / "gradle-bundle").rglob("src/main/kotlin/**/*.kt"))
)


def test_every_exception_is_in_the_guide_and_no_other():
    thrown = set(re.findall(r"class (\w+Exception)\b(?:(?!class)[^{}])*?:\s*RagException\(", SOURCES))
    assert len(thrown) > 10
    assert set(re.findall(r"\b\w+Exception\b", GUIDE)) == thrown | {"RagException"}


@pytest.mark.parametrize(
    ("shown", "there"),
    [
        ('Rag.open(context, "demo")', "suspend fun open("),
        ("rag.search(", "fun search("),
        ("mode = Mode.BM25", "mode: Mode?"),
        ("rag.selfTest()", "fun selfTest()"),
        ("answer.fellBack", "val fellBack"),
        ("answer.abstain", "val abstain"),
        ("answer.nothing", "val nothing"),
        ("`neededBytes`", "val neededBytes"),
        ("digests = Digests.ALWAYS", "val digests: Digests"),
        ("longQuestions = LongQuestions.CUT", "val longQuestions: LongQuestions"),
        ("Rag.installation", "fun installation("),
        ("Rag.openBlocking", "fun openBlocking("),
        ("rag.searchBlocking", "fun searchBlocking("),
        ('RagHolder(context, "demo")', "public constructor(context: Context, bundle: String"),
        ('PackDownload(context, "rag_demo", "demo").states()', "fun states(): Flow<PackState>"),
        ("source = state.source", "class Ready(public val source: PackSource)"),
        ('PackSource(location.assetsPath(), "demo")', "class PackSource(assetsPath: String, bundle: String)"),
        ("source = state.source)", "source: BundleSource"),
        ("RagOptions(start = start)", "val start: Role"),
        ("Role.FALLBACK else Role.MAIN", "FALLBACK("),
        ("`answer.encoder`", "val encoder: String?"),
    ],
)
def test_what_is_shown_is_there(shown, there):
    assert shown in GUIDE + PROJECT and there in SOURCES


def test_the_runtime_looks_where_the_bundle_is_laid():
    assert f'ASSETS: String = "{ASSETS}"' in SOURCES
    assert f'assets.list("{ASSETS}")' in SOURCES


def test_the_guide_is_short_enough_to_be_read():
    assert len(GUIDE.splitlines()) < 200
