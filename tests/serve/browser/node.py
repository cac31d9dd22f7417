"""The page's modules under node: the parts that must agree with Python to the last bit."""

import functools
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

NODE = shutil.which("node")
MISSING = "no node here"
CHECK = Path(__file__).with_name("check.mjs")


@functools.cache
def site() -> Path:
    """Return a copy of the page's modules that node takes for modules."""
    folder = Path(tempfile.mkdtemp(prefix="pocketrag-site-"))
    for file in (ROOT / "serve" / "browser" / "site").glob("*.js"):
        shutil.copyfile(file, folder / file.name)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def ask(what: str, **given: object) -> Any:
    """Return what a check of check.mjs gives."""
    done = subprocess.run(
        [NODE, CHECK, site(), what], input=json.dumps(given).encode("ascii"), capture_output=True, timeout=600
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return json.loads(done.stdout)
