"""`gradle --tier`: one app opens any tier by one name, so all must be of one corpus and one contract."""

import json

import pytest

from pocketrag.errors import InputError
from tests.bench.damage import edit_json, put_digests_right, recompute_content, sql
from tests.bundles import again, reseal
from tests.conftest import cli
from tests.verbs import gradle


@pytest.fixture
def other(tiny_bundle, tmp_path):
    """The bundle of another corpus: the same model over fewer passages, whole by every digest."""
    made = again(tiny_bundle, tmp_path / "plants")
    last = "(SELECT max(n) FROM chunks)"
    sql(made, f"DELETE FROM chunk_vectors WHERE n = {last}", f"DELETE FROM chunks WHERE n = {last}")  # noqa: S608
    sql(made, "UPDATE metadata SET value = value - 1 WHERE key = 'total_chunks'")
    recompute_content(made)
    edit_json(made / "manifest.json", lambda m: m["counts"].update(passages=m["counts"]["passages"] - 1))
    put_digests_right(made)
    return reseal(made, name="plants")


def test_other_passages_are_refused_with_exit_code_2(tiny_bundle, tmp_path, other):
    done = cli("gradle", tiny_bundle, "--out", tmp_path / "app", "--tier", f"ram8={other}")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    said = " ".join(done.stderr.split())
    assert f"--tier ram8={other}" in said and "are not the 70 of" in said and "`data.corpus`" in said
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize("column", ["title", "text", "source", "metadata"])
def test_a_passage_that_says_something_else_is_another(tiny_bundle, tmp_path, column):
    tier = again(tiny_bundle, tmp_path / "tier")
    value = '{"a": 1}' if column == "metadata" else "else"
    sql(tier, f"UPDATE chunks SET {column} = '{value}' WHERE n = 1")  # noqa: S608
    put_digests_right(tier)
    with pytest.raises(InputError, match="not the"):
        gradle(str(tiny_bundle), out=str(tmp_path / "app"), tier=[f"ram8={reseal(tier)}"])


def test_the_same_passages_with_other_vectors_fit(tiny_bundle, tmp_path):
    """A tier may be of another model, which embeds the passages otherwise."""
    tier = again(tiny_bundle, tmp_path / "tier")
    sql(tier, "UPDATE chunk_vectors SET vector = (SELECT vector FROM chunk_vectors WHERE n = 2) WHERE n = 1")
    sql(tier, "UPDATE metadata SET value = 'another' WHERE key = 'content_sha256'")
    put_digests_right(tier)
    facts = gradle(str(tiny_bundle), out=str(tmp_path / "app"), tier=[f"ram8={reseal(tier, version='9')}"])
    assert list(facts["tiers"]) == ["ram8"]


def test_another_contract_is_refused(tiny_bundle, tmp_path):
    """Of the contracts that are read, 1 and 2: an app of the older one can't open the newer."""
    tier = again(tiny_bundle, tmp_path / "tier")
    manifest = json.loads((tier / "manifest.json").read_text("utf-8"))
    (encoder,) = manifest.pop("encoders")
    manifest.pop("ladder")
    kept = ("embedder", "weights", "agreement", "fusion", "abstention")
    first = {**manifest, **{key: encoder[key] for key in kept}, "contract": 1}
    (tier / "manifest.json").write_text(json.dumps(first))
    put_digests_right(tier)
    with pytest.raises(InputError, match=r"--tier ram8=.*contract version 1, .* of 2"):
        gradle(str(tiny_bundle), out=str(tmp_path / "app"), tier=[f"ram8={tier}"])
