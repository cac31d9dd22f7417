"""Names and codes of quantizations."""

import pytest

from pocketrag.errors import InputError
from pocketrag.recipe.quantization import GRAMMAR, NAMES, Store, kind_of, quantization, with_float_head


@pytest.mark.parametrize("name", NAMES)
def test_every_name_stands_for_a_code(name):
    found, same = quantization(name), quantization(NAMES[name])
    assert (found.kinds, found.kept) == (same.kinds, same.kept) and found.name == name


def test_a_code_says_how_each_kind_is_stored():
    found = quantization("t4b32o-a4b64g-f8g-h32+25")
    assert found.store("table") == Store(4, 32, "octav") and found.store("attention") == Store(4, 64, "gptq")
    assert found.store("feed_forward") == Store(8, 0, "gptq") and found.store("head") == Store(32)
    assert found.kept == 25 and found.types == {"int4", "int8", "float32"} and found.calibrated
    assert quantization("int8").types == {"int8"} and not quantization("int8").calibrated


@pytest.mark.parametrize(
    "name",
    [
        "",
        "int5",
        "t8-a8-f8",
        "a8-t8-f8-h8",
        "t8-a8-f8-h8+0",
        "t8-a8-f8-h8+",
        "t8-a4b31-f8-h8",
        "t8-a8-f8-h8\n",
    ],
)
def test_what_is_neither_is_refused_with_the_grammar(name):
    with pytest.raises(InputError, match="known are float32"):
        quantization(name)
    assert quantization(GRAMMAR.rsplit("Example: ", 1)[1])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("t8g-a8-f8-h8", "attention .* only"),
        ("t8-a8-f8-h8g", "attention .* only"),
        ("t8-a8-f8-h8+20", "none are in 4 bits"),
        ("t4-a8-f8-h4+50", "none are in 4 bits"),
        ("t8-a32g-f8-h8", "say nothing"),
        ("t32b32-a8-f8-h8", "say nothing"),
    ],
)
def test_what_would_silently_do_nothing_is_refused(name, message):
    with pytest.raises(InputError, match=message):
        quantization(name)


@pytest.mark.parametrize("name", ["fp16", "float16"])
def test_float16_is_refused_with_its_reason(name):
    with pytest.raises(InputError, match="activations overflow"):
        quantization(name)


def test_kinds_of_the_encoders_modules():
    assert [kind_of(f"transformer.layers.3.{leaf}") for leaf in ("qkv", "output", "gate", "down")] == [
        "attention", "attention", "feed_forward", "feed_forward",
    ]  # fmt: skip
    assert kind_of("transformer.table") == "table" and kind_of("dense.0.projection") == "head"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("int8", "t8-a8-f8-h32"),
        ("small", "t8-a4b32g-f4b32g-h32+20"),
        ("float32", "t32-a32-f32-h32"),
        ("t4b32-a8-f8-h4", "t4b32-a8-f8-h32"),
    ],
)
def test_a_head_in_float32_leaves_the_rest(name, code):
    found, before = with_float_head(quantization(name)), quantization(name)
    assert found.name == code and found.kept == before.kept
    assert dict(found.kinds) == {**dict(before.kinds), "head": found.store("head")}
    assert found.store("head").bits == 32
