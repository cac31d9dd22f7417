"""Ways to damage a bundle, and to put its digests right again."""

import hashlib
import json

import apsw
import numpy as np

from pocketrag.formats.content_digest import QUERY, content_digest
from pocketrag.formats.data.beir import Passage
from pocketrag.runtime.full_text import index
from pocketrag.runtime.vec0 import load_sqlite_vec
from pocketrag.runtime.words import count_words
from pocketrag.runtime.words import rows as words_and_stems


def put_digests_right(bundle):
    manifest = json.loads((bundle / "manifest.json").read_text())
    for name in manifest["files"]:
        data = (bundle / name).read_bytes()
        manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    names = sorted(p.name for p in bundle.iterdir() if p.name != "SHA256SUMS")
    sums = "".join(f"{hashlib.sha256((bundle / n).read_bytes()).hexdigest()}  {n}\n" for n in names)
    (bundle / "SHA256SUMS").write_text(sums)


def edit_json(file, change):
    values = json.loads(file.read_text())
    change(values)
    file.write_text(json.dumps(values))


def sql(bundle, *statements):
    connection = apsw.Connection(str(bundle / "corpus.db"))
    for statement in statements:
        connection.execute(statement)
    connection.close()


def recompute_content(bundle):
    """Put right what is made from the passages: full text, the counts of its words, the content digest."""
    connection = apsw.Connection(str(bundle / "corpus.db"))
    rows = connection.execute("SELECT id, title, text, metadata FROM chunks ORDER BY n")
    passages = [Passage(id_, title, text, json.loads(metadata)) for id_, title, text, metadata in rows]
    connection.execute(
        "INSERT INTO chunks_fts (chunks_fts) VALUES ('delete-all'); DELETE FROM words; DELETE FROM stems"
    )
    words = count_words(passages)
    index(connection, passages, words)
    connection.executemany(
        "INSERT INTO words (word, passages, stem) VALUES (?, ?, ?)", words_and_stems(passages, words)[0]
    )
    connection.execute(
        "UPDATE metadata SET value = ? WHERE key = 'content_sha256'",
        (content_digest(connection.execute(QUERY)),),
    )
    connection.close()


def rename_bundle(bundle, name):
    """Make it the bundle of another corpus."""
    edit_json(
        bundle / "manifest.json",
        lambda m: m.update(name=name, model_id=m["model_id"].replace(m["name"], name, 1)),
    )
    rename_model(bundle)
    put_digests_right(bundle)
    return bundle


def rename_model(bundle):
    """Give manifest and golden files the id that belongs to the model's present bytes."""
    own = hashlib.sha256((bundle / "embedder.tflite").read_bytes()).hexdigest()[:12]
    new = json.loads((bundle / "manifest.json").read_text())["model_id"].rsplit("-", 1)[0] + f"-{own}"
    edit_json(bundle / "manifest.json", lambda m: m.update(model_id=new))
    for golden in [one["golden"] for one in json.loads((bundle / "manifest.json").read_text())["encoders"]]:
        edit_json(bundle / golden, lambda g: g.update(model_id=new))


def next_version(bundle, version):
    """Make it the same corpus's next version, with another model; only its bytes differ, which no harness runs."""
    edit_json(
        bundle / "manifest.json",
        lambda m: m.update(
            version=version, model_id=m["model_id"].replace(f"-{m['version']}-", f"-{version}-", 1)
        ),
    )
    file = bundle / "embedder.tflite"
    file.write_bytes(file.read_bytes() + version.encode())
    rename_model(bundle)
    put_digests_right(bundle)
    return bundle


def corrupt_attention(bundle):
    """Shuffle the bytes of every layer's fused query, key and value weights in the model file."""
    from ai_edge_litert import schema_py_generated as schema

    file = bundle / "embedder.tflite"
    data = bytearray(file.read_bytes())
    model = schema.Model.GetRootAs(bytes(data), 0)
    graph, hit = model.Subgraphs(0), 0
    for i in range(graph.TensorsLength()):
        tensor = graph.Tensors(i)
        shape = [tensor.Shape(k) for k in range(tensor.ShapeLength())]
        buffer = model.Buffers(tensor.Buffer())
        if len(shape) == 2 and shape[0] == 3 * shape[1] and (buffer.DataLength() or buffer.Size() > 1):
            start = buffer.Offset() if buffer.Size() > 1 else bytes(data).find(buffer.DataAsNumpy().tobytes())
            stored = np.frombuffer(
                data, np.uint8, buffer.Size() if buffer.Size() > 1 else buffer.DataLength(), start
            )
            data[start : start + stored.size] = np.random.default_rng(0).permutation(stored).tobytes()
            hit += 1
    assert hit
    file.write_bytes(bytes(data))


def plant_nan(bundle, width=32, everywhere=False):
    """Write NaN over the first numbers of a float32 constant of the model: a norm's weights, or where positions are added.

    The first such constant, which one length alone may read, or every one.
    """
    from ai_edge_litert import schema_py_generated as schema

    file = bundle / "embedder.tflite"
    data = bytearray(file.read_bytes())
    model = schema.Model.GetRootAs(bytes(data), 0)
    graphs = [model.Subgraphs(i) for i in range(model.SubgraphsLength())]
    starts = [start for graph in graphs for start in _float_vectors(model, graph, bytes(data), width)]
    assert starts, "no such vector"
    for start in starts if everywhere else starts[:1]:
        data[start : start + 4 * width] = np.full(width, np.nan, "<f4").tobytes()
    file.write_bytes(bytes(data))


def _float_vectors(model, graph, data, width):
    from ai_edge_litert import schema_py_generated as schema

    for tensor in (graph.Tensors(i) for i in range(graph.TensorsLength())):
        buffer = model.Buffers(tensor.Buffer())
        size = buffer.Size() if buffer.Size() > 1 else buffer.DataLength()
        if tensor.Type() == schema.TensorType.FLOAT32 and size >= 4 * width:
            yield buffer.Offset() if buffer.Size() > 1 else data.find(buffer.DataAsNumpy().tobytes())


def rename_signature(bundle, old=b"embed_32", new=b"embed_33"):
    """Give one signature of the model another name of the same length."""
    file = bundle / "embedder.tflite"
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new))


def replace_vectors(bundle, embedder):
    """Store the vectors that another embedder's folder gives for the passages, and put right what is made from them."""
    from pocketrag.reference import float_model
    from pocketrag.runtime import ranking

    connection = apsw.Connection(str(bundle / "corpus.db"))
    texts = [
        f"{title} {text}" for title, text in connection.execute("SELECT title, text FROM chunks ORDER BY n")
    ]
    vectors = float_model.encode(float_model.load_float(embedder), texts, progress=False)
    scale = ranking.corpus_scale(vectors)
    rows = [(row.tobytes(), n) for n, row in enumerate(ranking.quantize(vectors, scale), start=1)]
    connection.executemany("UPDATE chunk_vectors SET vector = ? WHERE n = ?", rows)
    connection.execute("UPDATE metadata SET value = ? WHERE key = 'vector_scale'", (repr(scale),))
    connection.close()
    edit_json(bundle / "manifest.json", lambda m: m["vectors"].update(scale=scale, also=[]))
    connection = apsw.Connection(str(bundle / "corpus.db"))
    load_sqlite_vec(connection)
    connection.execute("DROP TABLE chunk_vec; DROP TABLE rag_vector_store")
    connection.close()
    recompute_content(bundle)
