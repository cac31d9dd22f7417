"""`pocketrag channel`: what a static host carries, who changes it, and which way an app goes."""

import base64
import hashlib
import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from filelock import FileLock

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.update.signature import read_private
from pocketrag.versions.apply import apply
from pocketrag.versions.channel import channel
from pocketrag.versions.key import key
from tests.bench.damage import edit_json, put_digests_right, rename_bundle
from tests.conftest import cli
from tests.deltas import changed, one_less, one_more, one_text


@pytest.fixture(scope="module")
def bundles(tiny_built, tmp_path_factory):
    """Version -> bundle, each made of the one before; read only."""
    folder = tmp_path_factory.mktemp("bundles")
    found = {"0.1": shutil.copytree(tiny_built / "out" / "tiny", folder / "0.1")}
    for version, change in (("0.2", one_text), ("0.3", one_more), ("0.4", one_less)):
        found[version] = changed(list(found.values())[-1], folder / version, version, change)
    return found


@pytest.fixture
def site(tmp_path):
    """A folder for a channel, and the file of a key."""
    return str(tmp_path / "site"), key(str(tmp_path / "key.pem"))


def add(site, bundle, **more):
    return channel(site[0], "add", str(bundle), key=site[1].file, **more)


def payload(site):
    whole = json.loads(Path(site[0], "channel.json").read_text())
    return json.loads(whole["payload"]), whole


def test_three_versions_and_the_way_between_them(bundles, site, tmp_path):
    first = add(site, bundles["0.1"])
    assert (first.serial, first.deltas, first.upload) == (1, (), ("channel.json",))
    add(site, bundles["0.2"])
    third = add(site, bundles["0.3"], share="0.25")
    assert third.upload == ("tiny-0.2-0.3.ragdelta", "tiny-0.1-0.3.ragdelta", "channel.json")
    said, whole = payload(site)
    Ed25519PublicKey.from_public_bytes(base64.b64decode(site[1].public)).verify(
        base64.b64decode(whole["signature"]), whole["payload"].encode()
    )
    assert whole["key"] == site[1].id and said["serial"] == 3 and said["name"] == "tiny"
    assert [(v["version"], v["share"]) for v in said["versions"]] == [("0.1", 1), ("0.2", 1), ("0.3", 0.25)]
    for version in said["versions"]:
        bundle = bundles[version["version"]]
        assert version["bytes"] == sum(path.stat().st_size for path in bundle.iterdir())
        assert version["manifest_sha256"] == files.sha256(bundle / "manifest.json")
        for delta in version["deltas"]:
            data = (tmp_path / "site" / delta["file"]).read_bytes()
            assert delta["bytes"] == len(data) and delta["sha256"] == hashlib.sha256(data).hexdigest()
            old, out = bundles[delta["from_version"]], tmp_path / delta["file"][:-9]
            apply(str(tmp_path / "site" / delta["file"]), str(old), out=str(out), public=site[1].public)
            assert files.digests(out) == files.digests(bundle)
    # What goes to the host is that and nothing else.
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == ["channel.json", "tiny-0.1-0.2.ragdelta", "tiny-0.1-0.3.ragdelta", "tiny-0.2-0.3.ragdelta"]  # fmt: skip
    shown = channel(site[0], "show", "0.1", public=site[1].public)
    assert (
        shown.way.to_version == "0.3" and shown.way.files == ("tiny-0.1-0.3.ragdelta",) and not shown.changed
    )
    assert channel(site[0], "show", "0.3").way.to_version is None


def test_deltas_from_the_last_versions_only_and_a_chain_from_before(bundles, site, tmp_path):
    for version in bundles:
        facts = add(site, bundles[version], keep=1)
    assert [(d.from_version, d.to_version) for d in facts.deltas] == [
        ("0.1", "0.2"),
        ("0.2", "0.3"),
        ("0.3", "0.4"),
    ]
    assert [path.name for path in (tmp_path / "site.bundles").iterdir() if path.is_dir()] == ["0.4"]
    way = channel(site[0], "show", "0.1").way
    assert way.files == ("tiny-0.1-0.2.ragdelta", "tiny-0.2-0.3.ragdelta", "tiny-0.3-0.4.ragdelta")
    assert way.bytes == sum((tmp_path / "site" / name).stat().st_size for name in way.files)


def test_a_bundle_that_is_no_longer_kept_and_another_teacher(bundles, site, tmp_path):
    add(site, bundles["0.1"])
    add(site, bundles["0.2"])
    shutil.rmtree(tmp_path / "site.bundles" / "0.1")
    other = shutil.copytree(bundles["0.3"], tmp_path / "other")
    edit_json(other / "manifest.json", lambda m: m["vectors"].update(model_id="tiny-float-0"))
    put_digests_right(other)
    facts = add(site, other)
    assert "is not there" in facts.without["0.1"] and "another teacher" in facts.without["0.2"]
    way = channel(site[0], "show", "0.1").way
    assert way.to_version == "0.3" and way.files is None and way.bytes == facts.versions[-1].bytes


def test_the_share_of_a_version(bundles, site, tmp_path):
    add(site, bundles["0.1"])
    add(site, bundles["0.2"], share="0")
    assert channel(site[0], "show", "0.1", app="someone").way.to_version is None
    done = cli("channel", site[0], "share", "0.2", ".5", "--key", site[1].file, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["versions"][1]["share"] == 0.5 and payload(site)[0]["serial"] == 3
    takers = [n for n in range(40) if channel(site[0], "show", "0.1", app=f"app {n}").way.to_version]
    assert 8 < len(takers) < 32
    before = (tmp_path / "site" / "channel.json").read_bytes()
    same = channel(site[0], "share", "0.2", "0.5", key=site[1].file)
    assert not same.changed and (tmp_path / "site" / "channel.json").read_bytes() == before
    shown = cli("channel", site[0], "show", "0.1", "--public", site[1].public)
    assert "fits the key" in shown.stdout and "tiny-0.1-0.2.ragdelta" in shown.stdout


def test_what_is_there_already(bundles, site, tmp_path):
    add(site, bundles["0.1"])
    add(site, bundles["0.3"])
    before = files.digests(tmp_path)
    assert not add(site, bundles["0.3"]).changed
    (aside := tmp_path / "aside").mkdir()
    other = changed(bundles["0.2"], aside / "other", "0.3", one_text)
    for bundle, words, more in (
        (other, "0.3 is in the channel with other bytes", {}),
        (bundles["0.2"], "0.2 is no newer than the channel's 0.3", {}),
        (bundles["0.3"], "is there already with 1", {"share": ".5"}),
        (tmp_path / "none", "not a bundle", {}),
    ):
        with pytest.raises(InputError, match=words):
            add(site, bundle, **more)
    rename_bundle(other, "other")
    with pytest.raises(InputError, match="a bundle of 'other', and the channel is of 'tiny'"):
        add(site, other)
    shutil.rmtree(aside)
    assert files.digests(tmp_path) == before


def resigned(site, change):
    """Write the index as the key's owner would, with something wrong in it."""
    said, whole = payload(site)
    change(said)
    text = json.dumps(said)
    private = read_private(Path(site[1].file))
    whole.update(payload=text, signature=base64.b64encode(private.sign(text.encode())).decode())
    Path(site[0], "channel.json").write_text(json.dumps(whole))


RESIGNED = {
    "leaves the folder": (lambda c: c["versions"][1]["deltas"][0].update(file="../tiny.ragdelta"), "file"),
    "an address": (lambda c: c["versions"][1]["deltas"][0].update(file="https:x"), "file"),
    "hidden": (lambda c: c["versions"][1]["deltas"][0].update(file=".x"), "file"),
    "descending": (lambda c: c["versions"].reverse(), "stands behind"),
    "twice": (lambda c: c["versions"].append(c["versions"][1]), "stands behind"),
    "a share above 1": (lambda c: c["versions"][1].update(share=1.5), "share"),
    "a newer format": (lambda c: c.update(format=2), "format 2"),
    "another kind": (lambda c: c.update(kind="x"), "not the index"),
    "an unknown key": (lambda c: c.update(more=1), "more"),
}


@pytest.fixture
def two(bundles, site):
    add(site, bundles["0.1"])
    add(site, bundles["0.2"])
    return site


@pytest.mark.parametrize("case", RESIGNED)
def test_a_wrong_index(two, bundles, tmp_path, case):
    change, words = RESIGNED[case]
    resigned(two, change)
    before = files.digests(tmp_path)
    with pytest.raises(InputError, match=words):
        add(two, bundles["0.3"])
    with pytest.raises(InputError, match=words):
        channel(two[0], "share", "0.2", ".5", key=two[1].file)
    assert files.digests(tmp_path) == before


def test_a_damaged_index_another_key_and_a_damaged_delta(two, bundles, tmp_path):
    index = tmp_path / "site" / "channel.json"
    whole = index.read_bytes()
    other = key(str(tmp_path / "other.pem"))
    with pytest.raises(InputError, match=f"signed by another key, {two[1].id} in place of {other.id}"):
        channel(two[0], "add", str(bundles["0.3"]), key=other.file)
    with pytest.raises(InputError, match="another key"):
        channel(two[0], "show", public=other.public)
    for data in (
        b"",
        b"{",
        b"[]",
        whole[:-30],
        whole.replace(b'\\"serial\\": 2', b'\\"serial\\": 9'),
        b" " * (2 << 20),
    ):
        index.write_bytes(data)
        with pytest.raises(InputError, match=r"not the index|damaged"):
            add(two, bundles["0.3"])
        assert index.read_bytes() == data
    index.write_bytes(whole)
    (tmp_path / "site" / "tiny-0.1-0.2.ragdelta").write_bytes(b"")
    with pytest.raises(InputError, match=r"tiny-0\.1-0\.2\.ragdelta: missing, or not the file"):
        channel(two[0], "show")
    edit_json(tmp_path / "site.bundles" / "0.2" / "golden.json", lambda g: g.update(more=1))
    with pytest.raises(InputError, match=r"golden\.json: not the file"):
        add(two, bundles["0.3"])


def test_two_at_once(two, bundles, tmp_path):
    before = files.digests(tmp_path / "site")
    with FileLock(tmp_path / "site.bundles" / ".lock"):
        done = cli("channel", two[0], "add", bundles["0.3"], "--key", two[1].file)
        assert done.returncode == 2 and "another command changes this channel" in done.stderr
    assert files.digests(tmp_path / "site") == before
    assert add(two, bundles["0.3"]).serial == 3


def test_what_is_missing(two, bundles, tmp_path):
    for words, given, more in (
        ("'addd': name one of add, share, show", ("addd",), {}),
        ("--key FILE", ("add", str(bundles["0.3"])), {}),
        ("add BUNDLE", ("add",), {"key": two[1].file}),
        ("add BUNDLE", ("add", str(bundles["0.3"]), ".5"), {"key": two[1].file}),
        ("share 1.1.0 .5", ("share", "0.2"), {"key": two[1].file}),
        ("not a number from 0 to 1", ("share", "0.2", "half"), {"key": two[1].file}),
        ("not a number from 0 to 1", ("share", "0.2", "nan"), {"key": two[1].file}),
        ("has no version 0.9, only 0.1, 0.2", ("share", "0.9", ".5"), {"key": two[1].file}),
        ("has no version 0.9, only 0.1, 0.2", ("show", "0.9"), {}),
    ):
        with pytest.raises(InputError, match=words):
            channel(two[0], *given, **more)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("dear")
    for folder, words in (("letters", r"has no channel\.json; it is left alone"), ("none", "no channel")):
        with pytest.raises(InputError, match=words):
            channel(str(tmp_path / folder), "show")
    with pytest.raises(InputError, match="left alone"):
        channel(str(tmp_path / "letters"), "add", str(bundles["0.1"]), key=two[1].file)
    assert not (tmp_path / "letters.bundles").exists()
