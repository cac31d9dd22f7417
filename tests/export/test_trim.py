"""Trimming on a tiny Gemma with a real BPE vocabulary: what is kept, that texts stay as they were, that both tokenizers agree."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import wordfreq
from hypothesis import given, settings
from hypothesis import strategies as st
from pocketrag.export.trim import Texts
from pocketrag.export.vocabulary.choice import Sources, choose, counts, held_out
from pocketrag.export.vocabulary.sentencepiece_bpe import NORMAL, pieces_of, read_proto
from safetensors.torch import load_file, save_file
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from pocketrag.errors import GateError, InputError
from pocketrag.formats.data.beir import read_questions
from pocketrag.formats.tokenizer import clean
from pocketrag.pipeline.project import Project
from pocketrag.pipeline.run import need
from pocketrag.pipeline.stage import Job, StageRef
from pocketrag.pipeline.stages import STAGES
from pocketrag.recipe.base_model import prompts_of
from pocketrag.recipe.recipe import read_recipe
from pocketrag.reference import float_model
from pocketrag.reference.common_words import word_tokens
from tests.conftest import cli, make_data, make_recipe, write_jsonl
from tests.gemma import IMAGE, RUN, make_gemma
from tests.training.pairs import make_pairs
from tests.verbs import convert, quantize, trim

TRIM = '[trim]\ntokens = {tokens}\nlanguages = ["fr", "en"]\nwords = 2000\n'
ODD = (
    " ", "  ", "   ", "▁", "▁▁", "\n", "\n\n\n", "\t", "\r", "<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<start_of_turn>", "<unused3>",
    "<unused77>", "<0x0A>", "<table>", "</table>", "<h1>", "<", ">", "[multimodal]", IMAGE, "=", "--", "é", "e\u0301", "🙂", "👩‍👧", "مرحبا",
    "שלום", "王将", "\u200b", "\ufeff", "\x01", "\x00", "\U0010ffff", "the ", "king", "queen", " 12", "l'arbitre", "ÉCHECS",
)  # fmt: skip


@pytest.fixture(scope="module")
def gemma(tmp_path_factory) -> Path:
    data = make_data(tmp_path_factory.mktemp("lines"))
    lines = [
        json.loads(line)["text"]
        for name in ("corpus", "queries")
        for line in (data / f"{name}.jsonl").read_text().splitlines()
    ]
    words = [
        f"{word} the {word.title()}"
        for language in ("fr", "en")
        for word in wordfreq.top_n_list(language, 1500)
    ]
    lines += [
        *words,
        "task: search result | query: title: none | text: == -- ....",
        "".join(map(chr, range(0x21, 0x7F))),
    ] * 3
    return make_gemma(tmp_path_factory.mktemp("models") / "tiny-gemma", lines, 1600)


@pytest.fixture(scope="module")
def trimmed(gemma, tmp_path_factory):
    folder = make_data(tmp_path_factory.mktemp("trimmed"))
    write_jsonl(
        folder / "more.jsonl",
        [{"query": "May the arbiter replay it?", "other": 1}, {"text": "Où est l'échiquier ?"}] * 2,
    )
    recipe = make_recipe(folder, gemma, extra=TRIM.format(tokens=900))
    recipe.write_text(recipe.read_text().replace("[model]", 'unjudged = "more.jsonl"\n[model]'))
    return str(recipe), str(folder / "work"), trim(str(recipe), work=str(folder / "work"))


@pytest.fixture(scope="module")
def tokenizers(gemma, trimmed):
    folder = trimmed[2]["folder"]
    raw = Tokenizer.from_file(f"{folder}/tokenizer.json")
    hugging = AutoTokenizer.from_pretrained(folder)
    piece = SentencePieceProcessor(model_file=f"{folder}/tokenizer.model")
    return piece, hugging, raw, SentencePieceProcessor(model_file=str(gemma / "tokenizer.model"))


def test_facts_add_up(trimmed, gemma):
    recipe, _, facts = trimmed
    size = json.loads((gemma / "config.json").read_text())["vocab_size"]
    assert facts["tokens"] == {"before": size, "after": 900} and sum(facts["kept"].values()) == 900
    assert facts["bytes_saved"] == (size - 900) * 48 * 4 and facts["reserved_left_out"] == 8
    assert (
        facts["kept"]["corpus"]
        and facts["kept"]["words"]
        and facts["texts_tokenized_as_before"] == 140 + 1 + 70
    )
    unseen = facts["held_out"]
    assert unseen["folds"]["questions"] == 141 and unseen["evaluation"]["questions"] == len(
        read_questions(read_recipe(recipe).data.queries)
    )
    for row in unseen.values():
        assert 0 <= row["fall_back"] <= row["tokens"] and row["share"] == round(
            row["fall_back"] / row["tokens"], 6
        )


def test_folder_is_whole_and_consistent(trimmed, gemma):
    folder = Path(trimmed[2]["folder"])
    config = json.loads((folder / "config.json").read_text())
    assert config["vocab_size"] == 900 and [config[f"{name}_token_id"] for name in ("pad", "eos", "bos")] == [
        0,
        1,
        2,
    ]
    model = read_proto(folder / "tokenizer.model")
    assert [p.piece for p in model.pieces][:5] == [
        "<pad>",
        "<eos>",
        "<bos>",
        "<unk>",
        "<mask>",
    ] and model.trainer_spec.vocab_size == 900
    whole, small = load_file(gemma / "model.safetensors"), load_file(folder / "model.safetensors")
    old = [pieces_of(read_proto(gemma / "tokenizer.model")).ids[p.piece] for p in model.pieces]
    assert old == sorted(old) and whole.keys() == small.keys()
    for name, tensor in whole.items():
        assert small[name].equal(tensor[old] if name.endswith("embed_tokens.weight") else tensor), name
    names = {p.piece for p in model.pieces}
    assert {f"<0x{byte:02X}>" for byte in range(256)} <= names and {
        "\n" * RUN,
        "\t" * RUN,
        "▁" * RUN,
        "<table>",
        "[multimodal]",
    } <= names
    assert not any(name.startswith("<unused") for name in names)
    assert max(AutoTokenizer.from_pretrained(folder).get_vocab().values()) == 899


def test_vectors_are_those_of_the_base(trimmed, gemma):
    prompts = prompts_of(read_recipe(trimmed[0]))
    texts = [
        prompts.ask("May the arbiter replay it?"),
        prompts.ask("what moves if king 0 meets rook ?"),
        prompts.passage("", "the king\n\n"),
    ]
    ours, base = (
        float_model.encode(float_model.load_float(Path(folder)), texts)
        for folder in (trimmed[2]["folder"], gemma)
    )
    assert np.allclose(ours, base, atol=1e-6)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=3)), max_size=25).map("".join),
    )
)
def test_tokenizers_agree_on_every_text(tokenizers, text):
    piece, hugging, raw, _ = tokenizers
    text = clean(text)
    wanted = piece.encode(text)
    assert (
        hugging(text, add_special_tokens=False)["input_ids"]
        == wanted
        == raw.encode(text, add_special_tokens=False).ids
    )
    assert hugging(text)["input_ids"] == [2, *wanted, 1]


@pytest.mark.parametrize("sign", [" ", "▁", "\n", "\t", "=", "-", ".", "a"])
def test_runs_of_one_sign(tokenizers, sign):
    piece, hugging, raw, _ = tokenizers
    for count in range(1, 40):
        text = f"k{sign * count}king"
        assert (
            piece.encode(text)
            == hugging(text, add_special_tokens=False)["input_ids"]
            == raw.encode(text, add_special_tokens=False).ids
        )


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*ODD, "moves", " moves", " bishop", "kn", "ight", "boar", "d"]), max_size=20
    ).map("".join)
)
def test_texts_of_kept_tokens_stay_as_they_were(tokenizers, text):
    piece, _, _, base = tokenizers
    was, text = base.encode(clean(text), out_type=str), clean(text)
    if all(
        piece.piece_to_id(token) != piece.unk_id() and not token.startswith(("<start_of_turn", "<mask"))
        for token in was
    ):
        assert piece.encode(text, out_type=str) == was


def test_closure_is_the_way_of_the_merges(gemma):
    pieces = pieces_of(read_proto(gemma / "tokenizer.model"))
    base = SentencePieceProcessor(model_file=str(gemma / "tokenizer.model"))
    normal = [
        name
        for name, kind in zip(pieces.names, pieces.kinds, strict=True)
        if kind == NORMAL and name[0] == "▁"
    ]
    longest = sorted(normal, key=len)[-5:]
    for name in longest:
        closure = {pieces.names[id_] for id_ in pieces.closure(pieces.ids[name])}
        assert (
            set(name) <= closure
            and name in closure
            and base.encode(name.replace("▁", " "), out_type=str) == [name]
        )
        assert all(any(a + b == step for a in closure for b in closure) for step in closure if len(step) > 1)


def test_reasons_and_frequency_order(gemma):
    pieces = pieces_of(read_proto(gemma / "tokenizer.model"))
    base = SentencePieceProcessor(model_file=str(gemma / "tokenizer.model"))
    words = word_tokens(base.encode, ("en",), 200)
    assert set(base.encode(" the and")) <= set(words[:30]) and len(words) == len(set(words))
    king = base.encode(" king")[0]
    sources = Sources(frozenset({0, 1, 2, 3}), frozenset(), frozenset({king}), [frozenset({king})], words)
    kept = choose(pieces, sources, 60)
    assert (
        len(kept) == 60
        and kept[king] == "corpus"
        and counts(kept)["special"] == 4
        and counts(kept)["merges"] > 0
    )
    assert choose(pieces, sources, 60) == kept


def test_what_falls_back_is_counted_on_questions_that_did_not_choose(gemma):
    pieces = pieces_of(read_proto(gemma / "tokenizer.model"))
    rare = [id_ for id_, kind in enumerate(pieces.kinds) if kind == NORMAL and len(pieces.closure(id_)) > 1][
        -3:
    ]
    prompt, common = (
        [*SentencePieceProcessor(model_file=str(gemma / "tokenizer.model")).encode(" the")],
        rare[0],
    )
    encoded = [[*prompt, common, rare[1]], [*prompt, common, rare[1]], [*prompt, rare[2]]]
    sources = Sources(
        frozenset(), frozenset(), frozenset([*prompt, common]), [frozenset(ids) for ids in encoded], []
    )
    found = held_out(pieces, sources, 90, encoded, len(prompt), 2)
    # In folds of one question, the twins keep each other's token; left out together, as the evaluation, they don't.
    assert found["folds"] == {
        "questions": 3,
        "tokens": 5,
        "fall_back": 1,
        "share": 0.2,
        "questions_touched": 1,
    }
    assert found["evaluation"] == {
        "questions": 2,
        "tokens": 4,
        "fall_back": 2,
        "share": 0.5,
        "questions_touched": 2,
    }


def test_training_questions_choose_tokens_unless_they_measure_agreement(gemma, tmp_path):
    recipe = make_pairs(tmp_path, gemma)
    processor = SentencePieceProcessor(model_file=str(gemma / "tokenizer.model"))
    assert len(Texts(read_recipe(recipe), processor.encode).questions) == 8 + 160
    recipe.write_text(recipe.read_text().replace("train_pairs", 'unjudged = "pairs.jsonl"\ntrain_pairs'))
    assert len(Texts(read_recipe(recipe), processor.encode).questions) == 8 + 80


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'languages = ["fr", "en"]',
            'languages = ["xx"]',
            r"`trim\.languages`: wordfreq has no 'xx'; it has .*en.*fr",
        ),
        ("tokens = 900", "tokens = 300", r"`trim\.tokens` = 300 is too few: .* need at least \d+"),
        ("tokens = 900", "tokens = 9000", r"`trim\.tokens` = 9000 takes nothing from the base's \d+"),
        ("[trim]", "[trim]\nword = 3", "unknown key `trim.word`"),
        ('languages = ["fr", "en"]', "languages = []", r"`trim\.languages`"),
        ('unjudged = "more.jsonl"', 'unjudged = "none.jsonl"', r"`data\.unjudged` names"),
    ],
)
def test_bad_settings(trimmed, tmp_path, old, new, message):
    recipe = Path(trimmed[0]).with_name(f"bad-{tmp_path.name}.toml")
    text = Path(trimmed[0]).read_text()
    assert old in text
    recipe.write_text(text.replace(old, new))
    with pytest.raises(InputError, match=message):
        trim(str(recipe), work=str(tmp_path))
    assert not (tmp_path / "tiny" / "trim").exists()


def test_more_than_can_be_kept(trimmed, gemma, tmp_path):
    size = len(pieces_of(read_proto(gemma / "tokenizer.model")).names)
    recipe = Path(trimmed[0]).with_name("most.toml")
    recipe.write_text(Path(trimmed[0]).read_text().replace("tokens = 900", f"tokens = {size - 1}"))
    with pytest.raises(InputError, match="more than the"):
        trim(str(recipe), work=str(tmp_path))


def test_other_families_and_recipes_without_trim(data, tiny_bert, tmp_path):
    with pytest.raises(InputError, match="has no \\[trim\\]"):
        trim(str(make_recipe(data, tiny_bert)), work=str(tmp_path))
    with pytest.raises(InputError, match="WordPiece vocabulary can't be trimmed"):
        trim(str(make_recipe(data, tiny_bert, extra=TRIM.format(tokens=60))), work=str(tmp_path))


@pytest.mark.parametrize("damage", ["missing", "bytes", "unigram", "vocabulary", "id"])
def test_bases_that_cannot_be_trimmed(data, gemma, tmp_path, damage):
    base = Path(shutil.copytree(gemma, tmp_path / "base"))
    file, message = base / "tokenizer.model", r"tokenizer\.model"
    if damage == "missing":
        file.unlink()
    elif damage == "bytes":
        file.write_bytes(b"\xff" * 99)
    elif damage == "unigram":
        model = read_proto(file)
        model.trainer_spec.model_type = 1
        file.write_bytes(model.SerializeToString())
    elif damage == "vocabulary":
        values = json.loads((base / "tokenizer.json").read_text())
        values["model"]["vocab"]["the"] = 1
        (base / "tokenizer.json").write_text(json.dumps(values))
        message = r"tokenizer\.json: is not the BPE vocabulary"
    else:
        values = json.loads((base / "config.json").read_text())
        (base / "config.json").write_text(json.dumps({**values, "image_token_id": 99_999}))
        message = r"config\.json: `image_token_id` = 99999"
    with pytest.raises(InputError, match=message):
        trim(str(make_recipe(data, base, extra=TRIM.format(tokens=900))), work=str(tmp_path / "work"))


def test_texts_that_spell_special_and_reserved_tokens(data, gemma, tmp_path):
    rows = [json.loads(line) for line in (data / "corpus.jsonl").read_text().splitlines()]
    rows[0]["text"] += " <start_of_turn> king"
    rows[1]["text"] += " <unused3> king"
    write_jsonl(data / "corpus.jsonl", rows)
    facts = trim(str(make_recipe(data, gemma, extra=TRIM.format(tokens=900))), work=str(tmp_path / "work"))
    assert facts["texts_that_spell_a_special_token"] == 1 and facts["texts_tokenized_as_before"] == 140 + 69
    piece = SentencePieceProcessor(model_file=f"{facts['folder']}/tokenizer.model")
    assert piece.encode("<unused3>", out_type=str) == ["<unused3>"] and "<unused4>" not in piece.encode(
        "<unused4>", out_type=str
    )


def test_sharded_prefixed_and_half_precision_weights(data, gemma, tmp_path, trimmed):
    import torch

    base = Path(shutil.copytree(gemma, tmp_path / "base"))
    tensors = {
        f"model.{name}": tensor.to(torch.bfloat16)
        for name, tensor in load_file(base / "model.safetensors").items()
    }
    (base / "model.safetensors").unlink()
    names = sorted(tensors)
    shards = {"model-1.safetensors": names[::2], "model-2.safetensors": names[1::2]}
    for shard, part in shards.items():
        save_file({name: tensors[name] for name in part}, base / shard, metadata={"format": "pt"})
    weight_map = {name: shard for shard, part in shards.items() for name in part}
    (base / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    done = trim(str(make_recipe(data, base, extra=TRIM.format(tokens=900))), work=str(tmp_path / "work"))
    small = load_file(Path(done["folder"]) / "model.safetensors")
    assert {tensor.dtype for tensor in small.values()} == {torch.bfloat16} and small.keys() == tensors.keys()
    assert (
        not list(Path(done["folder"]).glob("model-*"))
        and done["bytes_saved"] == (done["tokens"]["before"] - 900) * 48 * 2
    )
    twin = float_model.load_float(Path(done["folder"]))
    assert (
        float_model.encode(twin, ["the king"])[0]
        @ float_model.encode(float_model.load_float(gemma), ["the king"])[0]
        > 0.999
    )


def test_a_tokenizer_that_differs_is_never_written(data, gemma, tmp_path, monkeypatch):
    from pocketrag.export.vocabulary import base_vocabulary as module

    monkeypatch.setattr(module, "trimmed", lambda model, kept, special: model.SerializeToString())
    with pytest.raises(GateError, match="disagree after trimming"):
        trim(str(make_recipe(data, gemma, extra=TRIM.format(tokens=900))), work=str(tmp_path / "work"))
    assert not (tmp_path / "work" / "tiny" / "trim").exists()


def test_everything_starts_from_the_trimmed_and_is_judged_by_the_untrimmed(trimmed, gemma):
    recipe, work, facts = trimmed
    project = Project.read(recipe, work=work)
    inputs = {"trim": need(project, "trim")}
    job = Job(project, StageRef("convert", "base"), Path(work), {}, inputs, Path(work))
    assert job.start == job.embedder == Path(facts["folder"]) and job.reference == gemma
    other = Path(recipe).with_name("other.toml")
    other.write_text(Path(recipe).read_text().replace("tokens = 900", "tokens = 901"))
    assert all(
        "trim" in {edge.name for edge in STAGES[name].after}
        for name in ("mine", "tune", "merge", "convert", "quantize")
    )
    for verb in (convert, quantize):
        with pytest.raises(InputError, match="made from another `trim`"):
            verb(str(other), source="base", work=work)
    assert trim(recipe, work=work) == facts


def test_the_same_inputs_give_the_same_bytes(trimmed, tmp_path):
    from pocketrag.formats.files import digests

    recipe, _, facts = trimmed
    again = trim(recipe, work=str(tmp_path))
    assert digests(Path(again["folder"])) == digests(Path(facts["folder"]))


def test_build_tunes_and_ships_the_trimmed_model(tmp_path, gemma):
    data = make_data(tmp_path, asked=3)
    recipe = make_recipe(data, gemma, "lora", TRIM.format(tokens=900))
    recipe.write_text(recipe.read_text().replace("lengths = [16, 32]", "lengths = [32, 64]"))
    done = cli("build", "tiny.toml", "--out", "out/tiny", "--json", cwd=data)
    assert done.returncode == 0, done.stderr[-3000:]
    facts, rooms = json.loads(done.stdout), data / "work" / "tiny"
    assert facts["stages"]["trim"]["tokens"]["after"] == 900
    for name in ("tokenizer.model", "tokenizer.json", "tokenizer_config.json"):
        assert (rooms / "merge" / name).read_bytes() == (rooms / "trim" / name).read_bytes()
    assert (data / "out" / "tiny" / "tokenizer.model").read_bytes() == (
        rooms / "trim" / "tokenizer.model"
    ).read_bytes()
    assert json.loads((rooms / "merge" / "config.json").read_text())["vocab_size"] == 900
