"""A prompt that takes the question's place is refused before anything is converted."""

import pytest

from pocketrag.errors import InputError
from pocketrag.formats.prompt_room import ROOM, need_room
from tests.conftest import cli, make_data, make_recipe


def words(text):
    return list(range(len(text.split())))


def test_as_much_room_as_is_needed():
    need_room("prompts.query", "w " * 16 + "{question}", words, 16 + ROOM)
    with pytest.raises(InputError, match=r"`students\.s\.query`: takes 17 of the 32 tokens"):
        need_room("students.s.query", "w " * 17 + "{question}", words, 16 + ROOM)


def test_a_recipe_whose_prompt_is_a_sermon(tmp_path, tiny_bert):
    folder = make_data(tmp_path)
    recipe = make_recipe(
        folder, tiny_bert, extra='[prompts]\nquery = "' + "the king moves " * 9 + '{question}"\n'
    )
    done = cli("convert", recipe, cwd=folder)
    assert (
        done.returncode == 2 and "`prompts.query`: takes 2" in done.stderr and "Traceback" not in done.stderr
    )
