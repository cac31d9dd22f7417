"""`pocketrag build` of a changed corpus: few texts are embedded, and every byte is that of a fresh build."""

import json
import shutil

import pytest

from pocketrag.formats.files import digests
from pocketrag.pipeline.earlier import EARLIER
from pocketrag.pipeline.project import DIGESTS
from pocketrag.pipeline.stage import MANIFEST
from tests.changes import change
from tests.conftest import cli, real_cli


def build(folder, work, run=cli):
    done = run("build", "tiny.toml", "--out", f"{work}/out", "--work", work, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr[-1000:]
    return json.loads(done.stdout)["stages"]["index"], done.stderr


def outputs(folder):
    """Digests of what the stages made; their manifests also say what was reused, and when gates ran.

    The version that was published before is kept beside the stages: a fresh build has none.
    """
    told = (f"-base/{MANIFEST}", f"verify/{MANIFEST}", DIGESTS)
    found = digests(folder).items()
    return {
        name: digest for name, digest in found if not name.endswith(told) and not name.startswith(EARLIER)
    }


@pytest.mark.parametrize("documents", ["float", "shipped"])
def test_a_changed_corpus_gives_the_bytes_of_a_fresh_build(tiny_built, tmp_path, documents):
    built = shutil.copytree(tiny_built, tmp_path / "built", symlinks=True)
    recipe = built / "tiny.toml"
    recipe.write_text(recipe.read_text().replace("[export]", f'[export]\ndocuments = "{documents}"'))
    if documents == "shipped":
        assert build(built, "work")[0]["embedded"] == 70
    # A release changes the version too, which decides no vector.
    recipe.write_text(recipe.read_text().replace('version = "0.1"', 'version = "0.2"'))
    count = change(built, "everything at once")
    # A process of its own: other hashes than those of the fresh build.
    again, said = build(built, "work", real_cli)
    fresh, _ = build(built, "fresh")
    assert again["embedded"] == count and f"{count} of 73 passages to embed" in said
    assert fresh["reused"] == 0 and fresh["embedded"] == 71
    assert digests(built / "work" / "out") == digests(built / "fresh" / "out")
    assert outputs(built / "work" / "tiny") == outputs(built / "fresh" / "tiny")
