"""A bundle, its later versions, and what the harness needs to answer from each: for the tests of updates."""

import json
import shutil

import pocketrag
from tests.bench.damage import edit_json, next_version, put_digests_right, sql
from tests.gradle_bundle import delta_maker, jvm

#: No word of it is asked, so no rank changes.
CHANGE = "UPDATE chunks SET text = 'later ' || text WHERE n = 1"


def later(bundle, folder, version):
    """Write a later version with another model, and another first passage; only their bytes differ, no ranks."""
    made = shutil.copytree(bundle, folder)
    sql(made, CHANGE)
    return next_version(made, version)


def same_model(bundle, folder, version):
    """Write a later version in which one passage differs, and no model."""
    made = shutil.copytree(bundle, folder)
    sql(made, CHANGE)
    old = json.loads((made / "manifest.json").read_text())
    new = old["model_id"].replace(f"-{old['version']}-", f"-{version}-", 1)
    edit_json(made / "manifest.json", lambda m: m.update(version=version, model_id=new))
    edit_json(made / "golden.json", lambda g: g.update(model_id=new))
    put_digests_right(made)
    return made


def task(bundle, root, steps, questions=("king 0",), **more):
    """Return a task of `update_steps`, with the vectors of the golden texts and of questions; later versions' are the same."""
    golden = json.loads((bundle / "golden.json").read_text())["texts"]
    with pocketrag.open(bundle) as rag:
        asked = jvm.vectors(rag, questions, [text["prompted"] for text in golden])
    key = {"key": delta_maker.public()}
    return ("update_steps", {"source": bundle, "root": root, "steps": [list(one) for one in steps], **asked, **key, **more})  # fmt: skip
