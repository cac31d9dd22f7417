"""A channel on the phone: who signed it, how old it is, which version it gives to whom, and over which deltas."""

import pytest

from pocketrag.formats.update.channel_choice import cheapest_chain, choose_version
from pocketrag.formats.update.channel_index import Channel
from tests.gradle_bundle import delta_maker, jvm
from tests.gradle_bundle.test_update_steps import by, version
from tests.gradle_bundle.updated_bundles import later, task

pytestmark = pytest.mark.usefixtures("kotlin")


def digest(n):
    return f"{n:064x}"


def row(number, manifest, deltas=(), **more):
    return {"version": number, "model_id": f"tiny-{number}", "contract": 2, "manifest_sha256": manifest, "bytes": 1000, "share": 1,
            "deltas": list(deltas)} | more  # fmt: skip


def step(from_, manifest, size, to="x"):
    return {
        "from_version": from_,
        "from_manifest_sha256": manifest,
        "file": f"{from_}-{to}-{size}.ragdelta",
        "bytes": size,
        "sha256": digest(size),
    }


def plans(bundle, tmp_path, channels, **more):
    """Return what each of (rows, more of the payload, more of the task) is planned as."""
    steps = [("open",)]
    for n, (rows, payload, asked) in enumerate(channels):
        file = delta_maker.channel(rows, tmp_path / f"{n}.json", **payload)
        steps.append(("plan", {"file": str(file), **asked}))
    return jvm.run(task(bundle, tmp_path / "private", steps, **more))[0][1:]


def test_the_cheapest_chain_and_the_newest_version(tiny_bundle, tmp_path):
    own, old = delta_maker.side(tiny_bundle)["manifest_sha256"], version(tiny_bundle)
    two, three, four = (row(f"{n}.0", digest(n), deltas) for n, deltas in (
        (2, [step(old, own, 100)]), (3, [step("2.0", digest(2), 50), step(old, own, 151)]), (4, [step("3.0", digest(3), 10), step("2.0", digest(2), 60)])))  # fmt: skip
    cases = [
        [two], [two, three], [two, three, four], [row("2.0", digest(2), [step(old, own, 151, "tie")]), three], [two, row("5.0", digest(5))],
        [two, three, row("9.0", digest(9), contract=3)], [row("0.0.1", digest(1), [step(old, own, 1)])], [],
        [two, row("3.0", digest(3), [step("2.0", digest(2), 0), step(old, own, 100, "y")])],
    ]  # fmt: skip
    found = plans(tiny_bundle, tmp_path, [(case, {}, {}) for case in cases])
    for case, plan in zip(cases, found, strict=True):
        channel = Channel.read(
            {"kind": "pocketrag-channel", "format": 1, "name": "tiny", "serial": 1, "versions": case}, "here"
        )
        wanted = choose_version(channel, old, None)
        chain = wanted and cheapest_chain(channel, own, wanted.manifest_sha256)
        shown = (
            "up to date"
            if not wanted
            else f"whole {wanted.version}"
            if chain is None
            else [wanted.version, *(one.file for one in chain)]
        )
        assert plan == shown, case
    assert (
        found[1] == ["3.0", f"{old}-x-100.ragdelta", "2.0-x-50.ragdelta"]
        and found[4] == "whole 5.0"
        and found[8] == ["3.0", f"{old}-y-100.ragdelta"]
    )


def test_shares(tiny_bundle, tmp_path):
    """The same ids take part as on the desktop."""
    own, old = delta_maker.side(tiny_bundle)["manifest_sha256"], version(tiny_bundle)
    rows = [
        row("2.0", digest(2), [step(old, own, 5)], share=0.5),
        row("3.0", digest(3), [step(old, own, 5, "y")], share=0),
    ]
    ids = [f"id {n}" for n in range(40)] + ["é🙂"]
    found = plans(tiny_bundle, tmp_path, [(rows, {}, {"app": one}) for one in ids])
    channel = Channel.read(
        {"kind": "pocketrag-channel", "format": 1, "name": "tiny", "serial": 1, "versions": rows}, "here"
    )
    wanted = [
        "up to date" if choose_version(channel, old, one) is None else ["2.0", f"{old}-x-5.ragdelta"]
        for one in ids
    ]
    assert found == wanted and len({str(one) for one in wanted}) == 2


def test_what_is_refused(tiny_bundle, tmp_path):
    own, old = delta_maker.side(tiny_bundle)["manifest_sha256"], version(tiny_bundle)

    def named(name):
        return [row("2.0", digest(2), [step(old, own, 5) | {"file": name}])]

    bad = ["../x", "a/b", "http:x", ".x", "", "a\\b", "a" * 256]
    found = plans(
        tiny_bundle, tmp_path,
        [([], {"key": delta_maker.OTHER_KEY}, {}), ([], {"serial": 3}, {"last": 4}), ([], {"serial": 4}, {"last": 4}), ([], {"name": "other"}, {}),
         ([], {"format": 2}, {}), ([], {"kind": "x"}, {}), ([row("2.0", digest(2), share=2)], {}, {}), *((named(name), {}, {}) for name in bad)],
    )  # fmt: skip
    words = [
        "OTHER_KEY: ",
        "NOT_NEWER: channel.json has the serial 3, 4 was seen",
        "up to date",
        "OTHER_BUNDLE: ",
        "OTHER_CONTRACT: ",
        "DAMAGED: ",
        "DAMAGED: ",
    ]
    for said, wanted in zip(found, [*words, *["DAMAGED: "] * len(bad)], strict=True):
        assert said.startswith(wanted), (said, wanted)
    for damage in (
        lambda text: text.replace('serial\\": 1', 'serial\\": 2'),
        lambda text: text[:-1],
        lambda text: "[]",
        lambda text: text.replace('"signature"', '"none"'),
    ):
        file = delta_maker.channel([], tmp_path / "damaged.json")
        file.write_text(damage(file.read_text()))
        (found,) = jvm.run(
            task(tiny_bundle, tmp_path / "private", [("open",), ("plan", {"file": str(file)})])
        )
        assert found[1].startswith(("DAMAGED: ", "UNSIGNED: ")), found


def test_a_version_that_was_left_is_not_planned_again(tiny_bundle, tmp_path):
    new = later(tiny_bundle, tmp_path / "0.2", "0.2")
    delta = delta_maker.delta(tiny_bundle, new, tmp_path / "d.ragdelta")
    own = delta_maker.side(tiny_bundle)
    rows = [
        row(
            "0.2", delta_maker.side(new)["manifest_sha256"], [step(own["version"], own["manifest_sha256"], 9)]
        )
    ]
    file = delta_maker.channel(rows, tmp_path / "channel.json")
    plan = ("plan", {"file": str(file)})
    (found,) = jvm.run(
        task(
            tiny_bundle,
            tmp_path / "private",
            [("open",), plan, ("update", by(delta)), plan, ("rollback",), plan],
        )
    )
    assert found[1][0] == "0.2" and found[3] == found[5] == "up to date"
