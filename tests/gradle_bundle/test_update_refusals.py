"""Updates that are refused, each with its own words: the version before answers on, and nothing is left behind."""

import shutil
import zipfile

import pytest

from tests.bench.damage import rename_bundle
from tests.gradle_bundle import delta_maker, jvm
from tests.gradle_bundle.delta_maker import KEY, OTHER_KEY
from tests.gradle_bundle.test_update_steps import RECORD, by, version
from tests.gradle_bundle.updated_bundles import later, task

pytestmark = pytest.mark.usefixtures("kotlin")


@pytest.fixture
def pair(tiny_bundle, tmp_path):
    """A bundle and its next version."""
    return tiny_bundle, later(tiny_bundle, tmp_path / "0.2", "0.2")


def check(pair, root, files, wanted, **more):
    """Give updates to a phone one after the other; each must be refused with these words."""
    steps = [("open",), *(("update", by(file)) for file in files), ("version",), ("left",)]
    (found,) = jvm.run(task(pair[0], root, steps, **more))
    for words, said in zip(wanted, found[1:-2], strict=True):
        assert (
            isinstance(said, str) and said.startswith(words) and said.endswith("What was installed stays.")
        ), (words, said)
    assert found[-2] == version(pair[0])
    assert not [
        name for name in found[-1] if name.startswith(".updates/") and name not in (".updates/.lock", RECORD)
    ]


def described(pair):
    return delta_maker.described(*pair)


def changed(pair, file, change, **more):
    """Write a delta, rightly signed, whose description was changed."""
    spec, entries = described(pair)
    change(spec, entries)
    return delta_maker.packed(spec, entries, file, **more)


def test_who_signed_it(pair, tmp_path):
    spec, entries = described(pair)
    rows = [
        ("UNSIGNED: delta.json is not signed", delta_maker.delta(*pair, tmp_path / "a", key=None)),
        ("OTHER_KEY: delta.json is signed by the key ", delta_maker.delta(*pair, tmp_path / "b", key=OTHER_KEY)),
        # It says that it was signed by ours.
        ("DAMAGED: the update is damaged or cut off: the signature of delta.json is not", delta_maker.packed(spec, entries, tmp_path / "c", OTHER_KEY)),
        ("DAMAGED: the update is damaged or cut off: the signature", delta_maker.packed(spec, entries, tmp_path / "d", signature=b"\0" * 64)),
        ("DAMAGED: the update is damaged or cut off: the signature", delta_maker.packed(spec, entries, tmp_path / "e", signature=b"")),
        ("DAMAGED: the update is damaged or cut off: the signature", delta_maker.packed(spec, entries, tmp_path / "f", signature=KEY.sign(b"x"))),
        ("DAMAGED: the update is damaged or cut off: delta.sig is larger", delta_maker.packed(spec, entries, tmp_path / "g", signature=b"x" * 5000)),
    ]  # fmt: skip
    check(pair, tmp_path / "private", [file for _, file in rows], [words for words, _ in rows])


def test_a_phone_without_ed25519(pair, tmp_path):
    file = delta_maker.delta(*pair, tmp_path / "a")
    check(pair, tmp_path / "private", [file], ["NO_VERIFIER: "], verifier="none")
    # The app's own verifier decides.
    (found,) = jvm.run(
        task(
            pair[0],
            tmp_path / "b",
            [
                ("open",),
                ("update", by(delta_maker.packed(*described(pair), tmp_path / "c", signature=b"\0" * 64))),
            ],
            verifier="all",
        )
    )
    assert found[1][-1] == "installed 0.2"


def test_what_it_is_for(pair, tmp_path):
    old, new = pair
    other = [rename_bundle(shutil.copytree(one, tmp_path / f"{one.name}-other"), "other") for one in pair]
    third = later(new, tmp_path / "0.3", "0.3")
    rows = [
        ("OTHER_BUNDLE: it is of the bundle other; open are tiny", delta_maker.delta(*other, tmp_path / "a")),
        ("OTHER_CONTRACT: contract version 3", changed(pair, tmp_path / "b", lambda spec, _: spec.update(contract=3))),
        ("OTHER_CONTRACT: format 2", changed(pair, tmp_path / "c", lambda spec, _: spec.update(format=2))),
        ("OTHER_BASE: it changes version 0.2, and not this build", delta_maker.delta(new, third, tmp_path / "d")),
        ("NOT_NEWER: version ", delta_maker.delta(new, old, tmp_path / "e")),
        ("DAMAGED: the update is damaged or cut off: it is no pocketrag-delta", changed(pair, tmp_path / "f", lambda spec, _: spec.update(kind="zip"))),
    ]  # fmt: skip
    check(pair, tmp_path / "private", [file for _, file in rows], [words for words, _ in rows])


def test_replay(pair, tmp_path):
    first, second = (
        delta_maker.delta(*row, tmp_path / name)
        for name, row in (("a", pair), ("b", (pair[1], later(pair[1], tmp_path / "0.3", "0.3"))))
    )
    steps = [
        ("open",),
        ("update", by(first)),
        ("update", by(first)),
        ("update", by(second)),
        ("update", by(first)),
        ("version",),
    ]
    (found,) = jvm.run(task(pair[0], tmp_path / "private", steps))
    assert (
        found[2].startswith("NOT_NEWER: ")
        and found[4].startswith("NOT_NEWER: version 0.2 is no newer than 0.3")
        and found[5] == "0.3"
    )


def test_an_altered_base(pair, tmp_path):
    """By one byte, with its time put back: sizes and times tell nothing. First a file that is patched, then one that stays."""
    root, file = tmp_path / "private", delta_maker.delta(*pair, tmp_path / "a")
    jvm.run(task(pair[0], root, [("open",)]))
    (home,) = (root / "tiny").iterdir()
    for name in ("corpus.db", "NOTICE"):
        data = (home / name).read_bytes()
        (home / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        (found,) = jvm.run(
            task(pair[0], root, [("open",), ("update", by(file)), ("version",)], digests="never")
        )
        assert found[0] is True, found
        assert (
            found[1].startswith("OTHER_BASE: ")
            and f"{name} is not the file that this update changes" in found[1]
        ), found
        assert found[2] == version(pair[0])
        (home / name).write_bytes(data)


def test_damaged_files(pair, tmp_path):
    """Cut anywhere, or with a byte changed anywhere: refused as damaged, or harmless where the ZIP says nothing there that is read."""
    data = delta_maker.delta(*pair, tmp_path / "whole").read_bytes()
    rows = {
        "empty": b"",
        "text": b"no zip",
        **{f"cut {n}": data[: len(data) * n // 7] for n in range(1, 7)},
        "last": data[:-1],
    }
    for name, content in rows.items():
        (tmp_path / name).write_bytes(content)
    check(
        pair,
        tmp_path / "private",
        [tmp_path / name for name in rows],
        ["DAMAGED: the update is damaged or cut off: "] * len(rows),
    )
    flips = range(0, len(data), max(1, len(data) // 60))
    for n in flips:
        (tmp_path / f"flip {n}").write_bytes(data[:n] + bytes([data[n] ^ 8]) + data[n + 1 :])
    steps = [step for n in flips for step in (("update", by(tmp_path / f"flip {n}")), ("rollback",))]
    (found,) = jvm.run(task(pair[0], tmp_path / "b", [("open",), *steps, ("version",)]))
    said = found[1:-1:2]
    assert all(
        isinstance(one, list) or one.startswith(("DAMAGED: ", "OTHER_KEY: ", "UNSIGNED: ", "ROLLED_BACK: "))
        for one in said
    ), said
    assert sum(isinstance(one, str) for one in said) > 40 and found[-1] == version(pair[0])


def add(entries, name, data):
    entries[name] = data


def extra(spec):
    return spec["files"]["corpus.db"]["entry"] + ".extra"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda spec, _: spec["files"].update({"../x": spec["files"]["NOTICE"]}), "the file name \"../x\" leaves the folder"),
        (lambda spec, _: spec["files"]["NOTICE"].update({"from": "../NOTICE"}), "the file name \"../NOTICE\" leaves the folder"),
        (lambda spec, _: spec["files"].pop("manifest.json"), "it has no manifest.json"),
        (lambda spec, _: spec["files"].pop("NOTICE"), "NOTICE is not in it"),
        (lambda spec, _: spec["files"]["NOTICE"].update(sha256="0" * 64), "its NOTICE is not the new manifest's"),
        (lambda spec, _: spec["new"].update(manifest_sha256="0" * 64), "its manifest.json is another version's"),
        (lambda spec, _: spec["files"]["NOTICE"].update(how="link"), "`files.NOTICE.how`"),
        (lambda spec, _: spec["files"]["NOTICE"].pop("bytes"), "`files.NOTICE.bytes` is missing"),
        (lambda spec, entries: add(entries, "extra", b"x"), "its entries are not those that delta.json names"),
        (lambda spec, entries: entries.pop(next(iter(entries))), "its entries are not those that delta.json names"),
        (lambda spec, entries: spec["entries"].popitem(), "its parts are not those of its files"),
        (lambda spec, entries: add(entries, extra(spec), b"\0" * 2**26), "is larger than it says"),
        (lambda spec, entries: add(entries, extra(spec), b""), "is not what was signed"),
        (lambda spec, _: spec.update(padding="x" * 2**20), "delta.json is larger than"),
    ],
)  # fmt: skip
def test_descriptions_that_are_wrong_though_signed(pair, tmp_path, change, words):
    file = changed(pair, tmp_path / "a", change)
    (found,) = jvm.run(task(pair[0], tmp_path / "private", [("open",), ("update", by(file)), ("version",)]))
    assert found[1].startswith("DAMAGED: the update is damaged or cut off: ") and words in found[1]
    assert found[2] == version(pair[0])


def test_a_deep_description(pair, tmp_path):
    with zipfile.ZipFile(tmp_path / "a", "w") as made:
        made.writestr("delta.json", '{"a":' + "[" * 500_000 + "]" * 500_000 + "}")
    check(pair, tmp_path / "private", [tmp_path / "a"], ["DAMAGED: "])


def test_no_room(pair, tmp_path):
    """Known before anything is written."""
    huge = later(pair[0], tmp_path / "huge", "0.5")
    spec, entries = delta_maker.described(pair[0], huge)
    spec["files"]["NOTICE"]["bytes"] = 2**60
    file = delta_maker.packed(spec, entries, tmp_path / "a")
    (found,) = jvm.run(
        task(pair[0], tmp_path / "private", [("open",), ("update", by(file)), ("left",), ("version",)])
    )
    assert found[1].startswith("DiskFullException: the bundle needs ") and found[3] == version(pair[0])
    assert not [name for name in found[2] if name.startswith(".updates/tiny/")]


def test_a_key_that_is_none(pair, tmp_path):
    with pytest.raises(AssertionError, match="a public key of 3 bytes; Ed25519's have 32"):
        jvm.run(
            task(pair[0], tmp_path / "private", [("open",), ("update", by(tmp_path / "none"))], key="AAAA")
        )
