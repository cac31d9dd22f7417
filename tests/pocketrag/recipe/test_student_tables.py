"""The tables [students.NAME]: each kind has its own keys, and whatever is wrong is named by its key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from pocketrag.recipe.students import LayersStudent, ModelStudent, StaticStudent, Student
from pocketrag.recipe.toml import explain


class Tables(BaseModel):
    model_config = ConfigDict(strict=True)
    students: dict[str, Student]


def read(**values):
    return Tables.model_validate({"students": {"deep": values}}).students["deep"]


def said(**values):
    with pytest.raises(ValidationError) as found:
        read(**values)
    return "; ".join(map(explain, found.value.errors()))


def test_a_kind_has_its_own_class_and_defaults():
    assert isinstance(read(), StaticStudent) and isinstance(read(kind="model2vec"), StaticStudent)
    deep = read(kind="layers")
    assert isinstance(deep, LayersStudent)
    assert (deep.layers, deep.lengths, deep.steps, deep.learning_rate) == (4, (16, 32, 64), 2000, 1e-4)
    assert read(kind="layers", layers=[0, 1, 2, 23]).layers == (0, 1, 2, 23)
    other = read(kind="model", start="some/model")
    assert isinstance(other, ModelStudent) and (other.start, other.revision, other.steps) == (
        "some/model",
        None,
        2000,
    )


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"kind": "deep"}, "`students.deep.kind`: must be one of static, model2vec, layers, model"),
        ({"kind": ["layers"]}, "`students.deep.kind`: must be one of"),
        ({"kind": "layers", "rank": 16}, "unknown key `students.deep.rank`"),
        ({"layers": 4}, "unknown key `students.deep.layers`"),
        ({"kind": "layers", "lengths": [32, 16]}, "`students.deep.lengths`: must be a rising list"),
        ({"kind": "layers", "lengths": []}, "`students.deep.lengths`: must be a rising list"),
        ({"kind": "layers", "quantization": "int3"}, "`students.deep.quantization`: "),
        ({"kind": "layers", "evaluations": 0}, "`students.deep.evaluations`: "),
        ({"kind": "layers", "report_to": ["paper"]}, "`students.deep.report_to.0`: "),
        ({"kind": "layers", "query": "no field"}, "`students.deep.query`: must hold {question} once"),
        (
            {"kind": "layers", "query": "ask: {question!r}"},
            "`students.deep.query`: must hold {question} once",
        ),
        ({"query": "{question:>9}"}, "`students.deep.query`: must hold {question} once"),
        ({"kind": "layers", "temperature": 0.0}, "`students.deep.temperature`: "),
        ({"kind": "model"}, "the key `students.deep.start` is missing"),
        ({"kind": "model", "start": ""}, "`students.deep.start`: "),
        ({"kind": "model", "start": "a/b", "layers": 4}, "unknown key `students.deep.layers`"),
        ({"kind": "layers", "start": "a/b"}, "unknown key `students.deep.start`"),
        ({"start": "a/b"}, "unknown key `students.deep.start`"),
        ({"kind": "layers", "revision": "main"}, "unknown key `students.deep.revision`"),
    ],
)
def test_what_is_wrong_is_named(values, wanted):
    assert wanted in said(**values)


@given(
    st.one_of(
        st.integers(max_value=0),
        st.floats(),
        st.booleans(),
        st.text(),
        st.lists(st.integers(max_value=-1), min_size=1),
        st.lists(st.integers(0, 30), min_size=2).filter(lambda row: sorted(set(row)) != row),
        st.just([]),
        st.just([0, 1.0]),
    )
)
def test_layers_that_are_none(layers):
    assert "`students.deep.layers`: must be how many" in said(kind="layers", layers=layers)


@given(st.one_of(st.integers(1, 99), st.lists(st.integers(0, 99), min_size=1, unique=True).map(sorted)))
def test_layers_that_may_be(layers):
    assert read(kind="layers", layers=layers).layers == (layers if isinstance(layers, int) else tuple(layers))
