import pytest

from pocketrag.errors import InputError
from pocketrag.recipe.recipe import read_recipe
from tests.conftest import ROOT, make_recipe


@pytest.mark.parametrize("file", sorted((ROOT / "recipes").glob("*.toml")), ids=lambda f: f.name)
def test_every_recipe_of_ours_is_well_formed(file):
    if "shared/data" in file.read_text() and not (ROOT / ".." / "shared" / "data").is_dir():
        pytest.skip("its corpus is not part of this repository, and does not lie beside it here")
    if "build/answers" in file.read_text():
        pytest.skip("its corpus is made first (tests/test_examples.py does that)")
    assert read_recipe(file).name == file.stem


def test_paths_are_relative_to_the_recipe(data, tmp_path, monkeypatch):
    recipe = make_recipe(data, tmp_path / "base")
    monkeypatch.chdir("/")
    assert read_recipe(recipe).data.corpus == data / "corpus.jsonl"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "tiny"', 'nmae = "tiny"', "the key `name` is missing"),
        ("epochs = 1", "epoch = 1", "unknown key `train.epoch`"),
        ("epochs = 1", 'epochs = "1"', "`train.epochs`: Input should be a valid integer"),
        (
            "batch_size = 32",
            "batch_size = 1",
            "`train.batch_size`: Input should be greater than or equal to 2",
        ),
        ("lengths = [16, 32]", "lengths = [32, 16]", "`export.lengths`: must be a rising list"),
        ("lengths = [16, 32]", "lengths = 32", "`export.lengths`"),
        ("lengths = [16, 32]", 'quantization = "fp16"', "`export.quantization`"),
        ('corpus = "corpus.jsonl"', 'corpus = "none.jsonl"', "`data.corpus` names"),
        ('corpus = "corpus.jsonl"', "corpus = 3", "`data.corpus`"),
        ('qrels = "qrels.tsv"', 'qrels = "qrels.tsv"\ntrain_queries = "queries.jsonl"', "go together"),
        (
            "[export]",
            '[prompts]\nquery = "no field"\n[export]',
            "`prompts.query`: must hold the field {question}",
        ),
        ("[export]", "[trim]\ntokens = 0\n[export]", "`trim.tokens`"),
        ('language = "en"', 'language = "ja"', "none are known for 'ja'"),
        ('language = "en"', 'language = "ja"', "leave the key out"),
        ("[export]", '[trim]\nlanguages = "fr"\n[export]', "`trim.languages`"),
        ("[export]", "[trim]\nsize = 3\n[export]", "unknown key `trim.size`"),
        (
            'qrels = "qrels.tsv"',
            'qrels = "qrels.tsv"\nguard_corpus = "corpus.jsonl"',
            "set all three or none",
        ),
        (
            "[export]",
            '[targets]\n"recall@7" = 0.9\n[export]',
            "unknown target 'recall@7'; known are recall@1",
        ),
        ("[export]", '[targets]\n"recall@5" = 94\n[export]', "'recall@5' must be between 0 and 1"),
        (
            "[export]",
            "[targets]\nhard_cases = 2.5\n[export]",
            "'hard_cases' must be a whole number of questions",
        ),
        ("[export]", "[limits]\nguard_loss = -1\n[export]", "`limits.guard_loss`"),
        (
            "[export]",
            '[students.model]\nkind = "model"\nstart = "a/b"\n[export]',
            "students.model: the manifest's licences name the base so",
        ),
        (
            "lengths = [16, 32]",
            'lengths = [16, 32]\nnpu = ["SM8750"]\n[students.small]\n[ship]\nencoders = ["small"]',
            "NPU files are the full model's",
        ),
        ('name = "tiny"', 'name = "../up"', "`name`"),
        ('name = "tiny"', 'name = "tiny', "not TOML"),
    ],
)
def test_bad_recipes_name_file_and_key(data, tmp_path, old, new, message):
    recipe = make_recipe(data, tmp_path / "base")
    text = recipe.read_text()
    assert old in text
    recipe.write_text(text.replace(old, new))
    with pytest.raises(InputError) as error:
        read_recipe(recipe)
    assert message in str(error.value) and "tiny.toml" in str(error.value)


def test_missing_and_binary_recipe(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_recipe(tmp_path / "none.toml")
    (tmp_path / "bin.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not TOML"):
        read_recipe(tmp_path / "bin.toml")


def test_base_and_mode_override(data, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    recipe = make_recipe(data, tmp_path / "base")
    monkeypatch.chdir(tmp_path)
    chosen = read_recipe(recipe, base="mine", mode="bm25")
    assert chosen.model.base == str(tmp_path / "mine") and chosen.search.mode == "bm25"
    assert chosen.model.name == "mine"  # no path of this machine is published
    assert read_recipe(recipe, base="google/embeddinggemma-300m").model.name == "google/embeddinggemma-300m"


def test_no_student_ships_where_no_question_could_measure_it(data, tmp_path):
    recipe = make_recipe(data, tmp_path / "base")
    text = recipe.read_text().replace('queries = "queries.jsonl"\nqrels = "qrels.tsv"\n', "")
    text = text.replace(
        "[export]", '[ship]\nencoders = ["small"]\n[students.small]\n[export]\ndocuments = "float"'
    )
    recipe.write_text(text)
    with pytest.raises(
        InputError,
        match=r"without judged questions no student can be measured.*tiny\.toml|tiny\.toml.*ship\.encoders",
    ):
        read_recipe(recipe)
    recipe.write_text(text.replace('["small"]', '["small", "full"]'))
    assert read_recipe(recipe).taught == ()
