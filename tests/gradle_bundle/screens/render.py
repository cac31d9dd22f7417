"""Draw the screens that the guide shows: `make screens`, with Debian's chromium and fonts-roboto-unhinted.

The layouts, strings and colours are the sample's, the words are made by its Kotlin, the answers are the demo bundle's; Android is not
there. Beside the pictures `screens.sha256` says what they were made of, which a test compares.
"""

import hashlib
import io
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from PIL import Image

import pocketrag
from pocketrag.formats.manifest import read_manifest
from tests.conftest import ROOT
from tests.gradle_bundle.screens import layout, resources, told

PICTURES = ROOT / "android_assets" / "screens"
DIGEST = PICTURES / "screens.sha256"
#: Of the window in dp, and pixels a dp.
SIZE, SCALE = (360, 720), 2
COLOURS = 32
LIMIT = 3
"""Cards that are drawn; more lie below the window's edge."""
#: What is asked, and how.
ASKED = {
    "answer": ("Can I offer a draw on my opponent's time?", "hybrid"),
    "absent": ("How do I bake sourdough bread?", None),
}


def sources() -> list[Path]:
    """Return the files that the pictures are made of, sorted."""
    kotlin = [told.KOTLIN / f"{name}.kt" for name in told.WORDS]
    here = [
        file
        for file in Path(__file__).parent.glob("*")
        if file.suffix in (".py", ".kt") and not file.name.startswith("test_")
    ]
    return sorted([*resources.RES.rglob("*.xml"), *kotlin, *here])


def digest() -> str:
    """Return the SHA-256 over the sources' paths and bytes, and the pictures'."""
    found = hashlib.sha256()
    for file in [*sources(), *sorted(PICTURES.glob("*.png"))]:
        found.update(
            f"{file.relative_to(ROOT).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()
        )
    return found.hexdigest()


def main() -> None:
    """Draw every screen by day and by night."""
    PICTURES.mkdir(exist_ok=True)
    for name, filled in screens(ROOT / "android_assets" / "demo").items():
        for theme in resources.VALUES:
            drawn(layout.page(theme, filled, SIZE), PICTURES / f"{name}-{theme}.png")
    DIGEST.write_text(f"{digest()}\n", "utf-8")


def screens(bundle: Path) -> dict[str, dict]:
    """Return what each screen's views show."""
    manifest = read_manifest(bundle)
    about = [manifest.name, manifest.version, manifest.counts.passages]
    with pocketrag.open(bundle) as rag:
        shown = {name: _answered(rag, about, *asked) for name, asked in ASKED.items()}
    size = sum(file.stat().st_size for file in bundle.iterdir())
    opening = told.told(copied=[size * 2 // 5, size])
    return shown | {
        "opening": {
            "progress": True,
            "progress_text": opening["progress"],
            "percent": 40,
            "checked": "mode_auto",
        }
    }


def _answered(rag, about: list, question: str, mode: str | None) -> dict:
    rag.search(question, mode=mode)  # Warm, as the second question of an app is.
    start = time.perf_counter()
    answer = rag.search(question, mode=mode)
    millis = round(1000 * (time.perf_counter() - start))
    cosines = {hit.id: hit.score for hit in rag.search(question, limit=100, mode="dense").hits}
    given = told.of_answer(answer, cosines) | {"role": "MAIN"}
    views = told.told(answer=given, millis=millis, bundle=about)
    notice = {"notice": True} if views.get("notice_title") else {}
    return (
        views
        | notice
        | {"passages": views["passages"][:LIMIT], "question": question, "checked": f"mode_{mode or 'auto'}"}
    )


def drawn(page: str, picture: Path) -> None:
    """Let chromium draw a page, and keep it with few colours."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("no chromium: apt-get install chromium fonts-roboto-unhinted")
    with tempfile.TemporaryDirectory() as folder:
        file, shot = Path(folder) / "page.html", Path(folder) / "shot.png"
        file.write_text(page, "utf-8")
        subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/profile",
             f"--window-size={SIZE[0]},{SIZE[1]}", f"--force-device-scale-factor={SCALE}", f"--screenshot={shot}", file.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        image = Image.open(io.BytesIO(shot.read_bytes())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)


if __name__ == "__main__":
    main()
