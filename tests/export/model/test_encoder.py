"""The export encoders against Hugging Face's own models: same weights, same ids, same vectors."""

import json
import shutil

import numpy as np
import pytest
import torch
from pocketrag.export.model.encoder import Encoder
from pocketrag.export.model.gemma3 import Gemma3
from pocketrag.export.model.weights import Weights
from safetensors.torch import load_file, save_file

from pocketrag.errors import InputError
from pocketrag.formats.embedder.embedder_folder import read_embedder
from pocketrag.reference import float_model


@pytest.fixture
def folder(tiny_bert, tmp_path):
    return shutil.copytree(tiny_bert, tmp_path / "embedder")


def edit(folder, change):
    tensors = load_file(folder / "model.safetensors")
    save_file(change(tensors), folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("length", [16, 64])
def test_bert_equals_pytorch_under_padding(folder, pooling, length):
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"pooling_mode": pooling, "embedding_dimension": 32})
    )
    twin = float_model.load_float(folder)
    encoder = Encoder(read_embedder(folder), 64).eval()
    for text in ("king", "the king moves when", "the clock stops on the board 12"):
        ids = twin.tokenizer(text)["input_ids"]
        padded = torch.zeros((1, length), dtype=torch.int32)
        padded[0, : len(ids)] = torch.tensor(ids)
        with torch.no_grad():
            ours = encoder(padded)[0].numpy()
        assert ours @ float_model.encode(twin, [text])[0] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t: t.pop("encoder.layer.1.attention.self.key.weight"),
            "lack 'encoder.layer.1.attention.self.key.weight'",
        ),
        (lambda t: t.update({"encoder.layer.2.extra": torch.zeros(2)}), "1 weights are not used"),
        (lambda t: t.update({"embeddings.word_embeddings.weight": torch.zeros(7, 32)}), "the config says"),
        (lambda t: t["encoder.layer.0.output.dense.bias"].fill_(float("nan")), "NaN"),
    ],
)
def test_weights_are_read_strictly(folder, change, message):
    edit(folder, lambda t: {**t} if change(t) is None else t)
    with pytest.raises(InputError, match=message):
        Encoder(read_embedder(folder), 32)


def test_prefixed_and_half_precision_weights_are_handled(folder):
    plain = Encoder(read_embedder(folder), 32)
    edit(folder, lambda t: {f"bert.{k}": v.to(torch.bfloat16) for k, v in t.items()})
    again = Encoder(read_embedder(folder), 32)
    ids = torch.tensor([[2, 5, 6, 3, 0, 0]], dtype=torch.int32)
    with torch.no_grad():
        assert float((plain(ids) * again(ids)).sum()) > 0.999


def test_sharded_weights_and_a_shard_elsewhere(folder):
    tensors = load_file(folder / "model.safetensors")
    names = sorted(tensors)
    (folder / "model.safetensors").unlink()
    shards = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for shard, part in shards.items():
        save_file({n: tensors[n] for n in part}, folder / shard, metadata={"format": "pt"})
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {n: s for s, part in shards.items() for n in part}}))
    Encoder(read_embedder(folder), 32)
    index.write_text(json.dumps({"weight_map": {names[0]: "../a.safetensors"}}))
    with pytest.raises(InputError, match="names the shard"):
        Encoder(read_embedder(folder), 32)


@pytest.mark.parametrize(
    ("key", "value"),
    [("model_type", "t5"), ("position_embedding_type", "relative_key"), ("is_decoder", True)],
)
def test_other_arithmetic_is_refused(folder, key, value):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, key: value}))
    with pytest.raises(InputError, match="can't be exported"):
        Encoder(read_embedder(folder), 32)


def test_dense_layers_are_folded_exactly(folder):
    torch.manual_seed(1)
    modules = json.loads((folder / "modules.json").read_text())
    for number, (inside, outside) in enumerate([(32, 48), (48, 16)], start=2):
        path = folder / f"{number}_Dense"
        path.mkdir()
        activation = "torch.nn.modules.linear.Identity"
        values = {
            "in_features": inside,
            "out_features": outside,
            "bias": False,
            "activation_function": activation,
        }
        (path / "config.json").write_text(json.dumps(values))
        save_file(
            {"linear.weight": torch.randn(outside, inside)},
            path / "model.safetensors",
            metadata={"format": "pt"},
        )
        modules.insert(
            -1,
            {
                "idx": number,
                "name": path.name,
                "path": path.name,
                "type": "sentence_transformers.models.Dense",
            },
        )
    (folder / "modules.json").write_text(json.dumps(modules))
    twin = float_model.load_float(folder)
    encoder = Encoder(read_embedder(folder), 32)
    ids = twin.tokenizer("the king moves")["input_ids"]
    with torch.no_grad():
        ours = encoder(torch.tensor([ids], dtype=torch.int32))[0].numpy()
    assert ours.shape == (16,) and ours @ float_model.encode(twin, ["the king moves"])[0] == pytest.approx(
        1, abs=1e-6
    )


@pytest.fixture(scope="module")
def gemma(tmp_path_factory):
    """Gemma 3's structure with random weights: sliding and full layers, three heads on one KV head."""
    from transformers import Gemma3TextConfig, Gemma3TextModel

    torch.manual_seed(3)
    config = Gemma3TextConfig(
        vocab_size=99, hidden_size=48, intermediate_size=64, num_hidden_layers=3, num_attention_heads=3, num_key_value_heads=1,
        head_dim=16, query_pre_attn_scalar=16, sliding_window=64, use_bidirectional_attention=True, pad_token_id=0,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"], max_position_embeddings=256, initializer_range=0.3,
    )  # fmt: skip
    model = Gemma3TextModel(config).eval()
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            if "norm" in name:
                tensor.normal_(0, 0.3)
    folder = tmp_path_factory.mktemp("gemma")
    model.save_pretrained(folder)
    return folder, model


def padded(tokens, length):
    ids = torch.zeros((1, length), dtype=torch.int32)
    ids[0, :tokens] = torch.randint(1, 99, (tokens,), generator=torch.Generator().manual_seed(tokens))
    return ids


@pytest.mark.parametrize(
    ("tokens", "length"),
    [(1, 16), (9, 16), (16, 16), (33, 64), (40, 128), (128, 128), (200, 256), (5, 512), (512, 512), (700, 1024), (1500, 2048), (2048, 2048)],
)  # fmt: skip
def test_gemma_equals_hugging_face_also_beyond_the_window(gemma, tokens, length):
    folder, model = gemma
    ours = Gemma3(json.loads((folder / "config.json").read_text()), Weights(folder), 2048, 0).eval()
    ids = padded(tokens, length)
    with torch.no_grad():
        text = ids[:, :tokens].long()
        theirs = model(input_ids=text, attention_mask=torch.ones_like(text)).last_hidden_state[0]
        whole = ours(ids, (ids[0] != 0).float())
    assert bool(torch.isfinite(whole).all())
    assert torch.nn.functional.cosine_similarity(theirs, whole[:tokens]).min() > 0.99999
    assert np.abs((theirs - whole[:tokens]).numpy()).max() < 2e-4 * float(theirs.abs().max())


def test_a_text_has_one_vector_at_every_length(gemma):
    folder, _ = gemma
    ours = Gemma3(json.loads((folder / "config.json").read_text()), Weights(folder), 2048, 0).eval()
    vectors = []
    for length in (32, 64, 65, 128, 512, 1024, 2048):
        ids = padded(30, length)
        mask = (ids[0] != 0).float()
        with torch.no_grad():
            vectors.append((mask / mask.sum()).reshape(1, -1) @ ours(ids, mask))
    assert all(torch.nn.functional.cosine_similarity(vectors[0], other) > 0.99999 for other in vectors[1:])


class Pooled(torch.nn.Module):
    def __init__(self, folder, longest):
        super().__init__()
        self.inner = Gemma3(json.loads((folder / "config.json").read_text()), Weights(folder), longest, 0)

    def forward(self, ids):
        mask = (ids[0] != 0).float()
        return (mask / mask.sum()).reshape(1, -1) @ self.inner(ids, mask)


@pytest.fixture(scope="module")
def converted(gemma, tmp_path_factory):
    import litert_torch

    pooled, file = Pooled(gemma[0], 512).eval(), tmp_path_factory.mktemp("tflite") / "g.tflite"
    converter = litert_torch
    for length in (16, 128, 512):
        converter = converter.signature(
            f"embed_{length}", pooled, (torch.zeros((1, length), dtype=torch.int32),)
        )
    converter.convert().export(str(file))
    return pooled, file


def test_gemma_survives_conversion(converted):
    from pocketrag.runtime.litert import Compiled

    pooled, file = converted
    model = Compiled(file, (16, 128, 512), 48, 2)
    for tokens, length in (
        (1, 16),
        (12, 16),
        (12, 128),
        (100, 128),
        (1, 512),
        (12, 512),
        (300, 512),
        (512, 512),
    ):
        ids = padded(tokens, length)
        found = model(ids.numpy())
        with torch.no_grad():
            wanted = pooled(ids)[0].numpy()
        assert np.isfinite(found).all() and np.abs(found - wanted).max() < 1e-3 * np.abs(wanted).max()
        assert found @ wanted / np.linalg.norm(found) / np.linalg.norm(wanted) > 0.99999


def test_only_the_lookup_and_the_mask_stay_outside_xnnpack(converted):
    """An operation in the middle that XNNPACK does not take cuts the graph in each layer, and runs three times slower."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(converted[1]), num_threads=1)
    interpreter.allocate_tensors()
    names = [op["op_name"] for op in interpreter._get_ops_details()]
    assert names.count("DELEGATE") == 1


def test_an_embeddinggemma_without_its_dense_layers_is_refused(tmp_path):
    from tests.gemma import make_gemma

    folder = make_gemma(
        tmp_path / "gemma", ["the king moves one square", "the rook moves along files and ranks"] * 20, 330
    )
    Encoder(read_embedder(folder), 32)
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "3_Dense" / "model.safetensors").rename(tmp_path / "kept")
    with pytest.raises(InputError, match=r"3_Dense.*missing"):
        read_embedder(folder)
    (tmp_path / "kept").rename(folder / "3_Dense" / "model.safetensors")
    (folder / "modules.json").write_text(json.dumps([m for m in modules if "Dense" not in m["type"]]))
    with pytest.raises(InputError, match="names no Dense layer"):
        Encoder(read_embedder(folder), 32)
