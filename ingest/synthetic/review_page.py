"""The review as one HTML page: it fetches nothing, and saves the table that `--accept` reads."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from pocketrag.html_templates import environment, written

from .review_table import COLUMNS

FILE = "review.html"
TEMPLATES = Path(__file__).with_name("templates")
SCRIPT = "review.js"


def review_page(name: str, rows: Sequence[Mapping[str, str]], command: str) -> str:
    """Return the page: every text escaped, and no script but its own is let run.

    Args:
        name: the recipe's.
        rows: as `review_rows` gives them.
        command: what takes the saved table in.

    """
    script = (TEMPLATES / SCRIPT).read_text("utf-8")
    # A browser keeps what was decided under the set's name; it must not come back over what was taken in
    # since.
    decided = json.dumps([(row["id"], row["decision"], row["question"]) for row in rows])
    shown = [{**row, "chosen": "accept" if row["decision"] == "mend" else row["decision"]} for row in rows]
    text = (
        environment(TEMPLATES)
        .get_template("review.html.jinja")
        .render(
            name=name,
            rows=shown,
            command=command,
            columns=json.dumps(COLUMNS),
            set=f"{name} {hashlib.sha256(decided.encode()).hexdigest()[:16]}",
            script=Markup(script),  # noqa: S704 - ours
            script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )
    return written(text)
