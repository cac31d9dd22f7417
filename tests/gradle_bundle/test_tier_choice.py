"""rag-answer reads tiers as strictly as Python, and gives a phone the tier that Python gives it."""

import json
import random

import pytest

from pocketrag.formats import files
from pocketrag.formats.facts.tiers import OfferFacts
from pocketrag.formats.generator.answer_tiers import choose
from tests import offers
from tests.gradle_bundle import jvm
from tests.gradle_bundle.test_answer import ask
from tests.pocketrag.runtime.generator.scripted import packed

pytestmark = pytest.mark.usefixtures("kotlin")

MEGABYTE = 10**6
#: Of phones, as Android reports them.
MEMORIES = (0, 1900, 2800, 3700, 4499, 4500, 5600, 7600, 11_400)
#: What of a tier the phone keeps.
KEPT = ("name", "answers", "memory_megabytes", "pack", "server", "ships", "why")


def test_a_whole_one_is_read_alike():
    (found,) = jvm.run(("tiers", {"cases": [json.dumps(offers.WHOLE), json.dumps(offers.offer())]}))
    for one, other in zip((offers.WHOLE, offers.offer()), found, strict=True):
        tiers = [{key: tier[key] for key in KEPT} for tier in one["tiers"]]
        assert other == {"name": "tiny", "version": "1.0.0", "tiers": tiers}


def test_what_python_refuses_the_phone_refuses():
    (found,) = jvm.run(("tiers", {"cases": list(offers.BAD.values())}))
    wrong = {
        name: said
        for name, said in zip(offers.BAD, found, strict=True)
        if said.get("type") != "TiersException"
    }
    assert wrong == {}
    assert all("tiny.tiers.json" in said["message"] for said in found)


def test_the_digest_that_the_app_ships_is_compared(tmp_path):
    file = offers.written(tmp_path / "tiny.tiers.json", offers.WHOLE)
    task = {"file": file, "sha256": files.sha256(file)}
    ((right,),) = jvm.run(("tiers", task))
    assert right["name"] == "tiny"
    file.write_text(file.read_text().replace("4500", "1500"))
    ((wrong,),) = jvm.run(("tiers", task))
    assert wrong["type"] == "TiersException" and "not the file that the app knows" in wrong["message"]
    file.write_bytes(b"\xff" + file.read_bytes())
    ((bytes_,),) = jvm.run(("tiers", {"file": file, "sha256": files.sha256(file)}))
    assert "not UTF-8" in bytes_["message"]
    file.unlink()
    ((gone,),) = jvm.run(("tiers", task))
    assert gone["type"] == "TiersException" and "ship it with the app" in gone["message"]


def case(dice: random.Random) -> tuple[dict, int, list[str], bool]:
    """Return tiers, and a phone."""
    found = []
    if dice.random() < 0.9:
        found.append(
            offers.tier(
                "standard",
                dice.choice(["generator", "generator", "quotes"]),
                dice.choice(MEMORIES),
                ships=dice.random() < 0.8,
            )
        )
    if dice.random() < 0.7:
        found.append(
            offers.tier(
                "premium",
                dice.choice(["generator", "server"]),
                dice.choice(MEMORIES),
                ships=dice.random() < 0.8,
            )
        )
    total = dice.choice(MEMORIES) * MEGABYTE + dice.choice([-1, 0, 0, 1, 250_000])
    folders = [name for name in ("tiny.standard", "tiny.premium", "other") if dice.random() < 0.5]
    return offers.offer(*found), max(0, total), folders, dice.random() < 0.5


def test_600_phones_get_the_same_tier():
    dice = random.Random(21)  # noqa: S311 - cases
    cases = [case(dice) for _ in range(600)]
    (found,) = jvm.run(("chosen", {"cases": [[json.dumps(offer), *phone] for offer, *phone in cases]}))
    names = set()
    for (offer, total, folders, server), (name, fetched) in zip(cases, found, strict=True):
        tiers = OfferFacts.model_validate_json(json.dumps(offer))
        wanted = choose(tiers, total, folders, server=server)
        assert wanted.name == name, (offer, total, folders, server)
        every = [tier.pack.folder for tier in tiers.tiers if tier.pack]
        best = choose(tiers, total, every)
        assert fetched == (best.pack.folder if best.pack else None)
        names.add((name, wanted.answers))
    assert names >= {
        ("free", "quotes"),
        ("standard", "generator"),
        ("premium", "generator"),
        ("premium", "server"),
    }


def test_a_phone_of_4_gb_quotes_whatever_it_has():
    rows = [
        [json.dumps(offers.WHOLE), 3_800_000_000, ["tiny.standard"], False],
        [json.dumps(offers.WHOLE), 5_600_000_000, ["tiny.standard"], False],
    ]
    (found,) = jvm.run(("chosen", {"cases": rows}))
    assert found == [["free", None], ["standard", "tiny.standard"]]


def test_only_the_generator_that_the_tier_names_is_opened(tiny_bundle, tmp_path):
    generator = packed(tmp_path / "g", budget=120)
    named = {name: files.sha256(generator / name) for name in ("generator.json", "generator.litertlm")}
    *_, done = ask(tiny_bundle, generator, ["It is so [1]."], files=named)["answers"][0]
    assert done[:2] == ["done", "It is so [1]."]
    for name in named:
        found = ask(tiny_bundle, generator, ["It is so [1]."], files={**named, name: "0" * 64})
        *_, done = found["answers"][0]
        assert "not the generator that the tiers let ship" in done[4] and done[3] and found["calls"] == []
