import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pocketrag.ingest.folder import find_documents, id_of

from pocketrag.errors import InputError


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def test_what_is_read_and_what_is_not(tmp_path):
    put(tmp_path, "b.md", "a/z.TXT", "a.pdf", ".hidden.md", ".git/c.md", "d.rst", "e.rst", "noend")
    found = find_documents(tmp_path)
    assert list(found.files) == ["a.pdf", "a/z.TXT", "b.md"]
    assert found.hidden == 2 and found.unknown == {".rst": 2, "": 1} and not found.skipped


def test_links_are_not_followed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "in"
    put(outside, "secret.md")
    put(folder, "a.md")
    (folder / "file.md").symlink_to(outside / "secret.md")
    (folder / "folder").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    os.mkfifo(folder / "pipe.md")
    found = find_documents(folder)
    assert list(found.files) == ["a.md"]
    assert sorted(found.skipped) == ["file.md", "folder", "pipe.md", "round"]
    (tmp_path / "link").symlink_to(folder)
    assert list(find_documents(tmp_path / "link").files) == ["a.md"]


def test_names_are_the_same_on_every_system(tmp_path):
    put(tmp_path, unicodedata.normalize("NFD", "é.md"))
    assert list(find_documents(tmp_path).files) == ["é.md"]
    put(tmp_path, "é.md")
    if len(list(tmp_path.iterdir())) == 2:
        with pytest.raises(InputError, match="how Unicode writes it"):
            find_documents(tmp_path)


def test_a_name_in_no_encoding_is_read_all_the_same(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.md")).write_text("x")
    assert list(find_documents(tmp_path).files) == ["\ufffd.md"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="none: no such folder"):
        find_documents(tmp_path / "none")


@given(st.lists(st.text(st.sampled_from("a %#2035/\u3000\t")), unique=True))
def test_ids_are_unique_and_hold_no_white_space(names):
    ids = [id_of(name) for name in names]
    assert len(set(ids)) == len(ids) and not any(c.isspace() or c == "#" for id_ in ids for c in id_)
