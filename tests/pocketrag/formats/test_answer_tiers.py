"""`NAME.tiers.json` is read to the letter, and a phone gets the best tier that it can have."""

import json

import pytest

from pocketrag.errors import InputError
from pocketrag.formats import files
from pocketrag.formats.generator.answer_tiers import choose, pack_of, read_tiers, shipped_generator
from tests import offers

GIGABYTE = 10**9


@pytest.fixture
def whole(tmp_path):
    return offers.written(tmp_path / "tiny.tiers.json", offers.WHOLE)


def test_a_whole_one_is_read_and_written_back(whole):
    found = read_tiers(whole, files.sha256(whole))
    assert found.as_json() == offers.WHOLE
    assert [tier.name for tier in found.tiers] == ["free", "standard", "premium"]


@pytest.mark.parametrize("text", offers.BAD.values(), ids=offers.BAD)
def test_a_bad_one_is_refused_by_its_name(tmp_path, text):
    file = tmp_path / "tiny.tiers.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"tiny\.tiers\.json: ") as error:
        read_tiers(file)
    assert len(str(error.value).splitlines()) == 1


def test_bytes_that_are_no_text_and_a_missing_file(tmp_path):
    file = tmp_path / "tiny.tiers.json"
    with pytest.raises(InputError, match="No such file"):
        read_tiers(file)
    file.write_bytes(json.dumps(offers.WHOLE).encode().replace(b"as its", b"\xff its"))
    with pytest.raises(InputError, match="not JSON"):
        read_tiers(file)


def test_another_digest_is_refused(whole):
    said = files.sha256(whole)
    whole.write_text(whole.read_text().replace("4500", "1500"))
    read_tiers(whole)
    with pytest.raises(InputError, match="SHA-256 differs"):
        read_tiers(whole, said)


@pytest.mark.parametrize(
    ("memory", "folders", "server", "wanted"),
    [(3.8, ["tiny.standard"], False, "free"), (4.5, ["tiny.standard"], False, "standard"), (5.6, [], False, "free"),
     (5.6, ["other"], False, "free"), (3.8, [], True, "premium"), (5.6, ["tiny.standard"], True, "premium")],
)  # fmt: skip
def test_memory_packs_and_the_server_decide(whole, memory, folders, server, wanted):
    found = choose(read_tiers(whole), int(memory * GIGABYTE), folders, server=server)
    assert found.name == wanted


def test_what_does_not_ship_is_nobodys(tmp_path):
    rows = [
        offers.tier("standard", "generator", 0, ships=False),
        offers.tier("premium", "server", ships=False),
    ]
    found = read_tiers(offers.written(tmp_path / "t", offers.offer(*rows)))
    assert choose(found, 16 * GIGABYTE, ["tiny.standard"], server=True).name == "free"
    assert shipped_generator(found) is None


def test_the_pack_is_what_was_published(tmp_path):
    folder = offers.published(tmp_path, "my-book")
    pack = pack_of("my-book", folder)
    assert (pack.name, pack.folder) == ("rag_my_book_generator", "my-book.generator")
    assert {name: row.sha256 for name, row in pack.files.items()} == files.digests(folder)
    assert pack.bytes == sum(path.stat().st_size for path in folder.iterdir())


@pytest.mark.parametrize("name", ["generator.litertlm", "generator.json", "NOTICE", "golden.json"])
def test_a_damaged_generator_is_no_pack(tmp_path, name):
    folder = offers.published(tmp_path)
    (folder / name).write_bytes(b"else")
    with pytest.raises(InputError, match=f"{name}: not the file that was packed"):
        pack_of("tiny", folder)
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"{name}: missing"):
        pack_of("tiny", folder)


def test_a_generator_without_sums_is_no_pack(tmp_path):
    folder = offers.published(tmp_path)
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(InputError, match=r"tiny\.generator: SHA256SUMS: missing"):
        pack_of("tiny", folder)
