"""Each bad input is an exception of its own that says what to do; and the self-test sees what is not as on the building machine."""

import json
import shutil

import numpy as np
import pytest

import pocketrag
from pocketrag.formats.golden import pack, unpack
from pocketrag.formats.manifest import read_manifest
from tests.bench.damage import edit_json, put_digests_right, rename_bundle, sql
from tests.gradle_bundle import jvm
from tests.pocketrag.runtime.test_database import SCHEMA_1

pytestmark = pytest.mark.usefixtures("kotlin")

QUESTION = "what moves if king 0 ?"


def with_manifest(change):
    return lambda bundle: edit_json(bundle / "manifest.json", change)


def with_database(*statements):
    def damage(bundle):
        sql(bundle, *statements)
        put_digests_right(bundle)

    return damage


def cut(bundle):
    file = bundle / "embedder.tflite"
    file.write_bytes(file.read_bytes()[:-1])


def flip(bundle):
    data = bytearray((bundle / "corpus.db").read_bytes())
    data[4200] ^= 255
    (bundle / "corpus.db").write_bytes(data)


def no_tokenizer(bundle):
    (bundle / "tokenizer.json").write_text('{"model": ')
    put_digests_right(bundle)


def other_sql(bundle):
    """What a stranger's bundle would have the phone run."""
    file = bundle / "search.sql"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("DELETE FROM temp.question;", f"VACUUM INTO '{bundle / 'written.db'}';"), "utf-8"
    )
    put_digests_right(bundle)


def no_database(bundle):
    (bundle / "corpus.db").write_bytes(b"SQLite format 3\x00" + b"x" * 5000)
    put_digests_right(bundle)


#: What is done to a bundle -> the exception, and words of its message.
DAMAGES = {
    "fine": (lambda bundle: None, None, ""),
    "contract 3": (with_manifest(lambda m: m.update(contract=3)), "WrongContractException", "version 3, this runtime reads 1 to 2. Update the app"),
    "no contract": (with_manifest(lambda m: m.pop("contract")), "WrongContractException", "contract version null"),
    "contract '1'": (with_manifest(lambda m: m.update(contract="1")), "WrongContractException", "Update"),
    "no manifest": (lambda b: (b / "manifest.json").unlink(), "MissingBundleException", "fetch its pack"),
    "no JSON": (lambda b: (b / "manifest.json").write_text("{"), "BadManifestException", "no JSON object"),
    "no dims": (with_manifest(lambda m: m["encoders"][0]["embedder"].pop("dims")), "BadManifestException", "encoders[0].embedder.dims` is missing"),
    "dims as text": (with_manifest(lambda m: m["encoders"][0]["embedder"].update(dims="32")), "BadManifestException", "encoders[0].embedder.dims` is not"),
    "falling lengths": (with_manifest(lambda m: m["encoders"][0]["embedder"].update(lengths=[32, 16])), "BadManifestException", "must rise"),
    "fusion": (with_manifest(lambda m: m["encoders"][0]["fusion"].update(fusion="sum")), "BadManifestException", "encoders[0].fusion.fusion` is not"),
    "mode": (with_manifest(lambda m: m["encoders"][0]["fusion"].update(mode="best")), "BadManifestException", "encoders[0].fusion.mode` is not"),
    "no question": (
        with_manifest(lambda m: m["encoders"][0]["embedder"]["prompts"].update(query="query: ")), "BadManifestException", "lacks {question}"
    ),
    "a way out": (with_manifest(lambda m: m["files"].update({"../x": m["files"]["NOTICE"]})), "BadManifestException", "leaves the folder"),
    "a name that leaves the folder": (with_manifest(lambda m: m.update(name="../../databases")), "BadManifestException", "small letters"),
    "a manifest of nothing but brackets": (lambda b: (b / "manifest.json").write_text("[" * 200_000), "BadManifestException", ""),
    "an object too deep": (lambda b: (b / "manifest.json").write_text('{"a":' * 100_000), "BadManifestException", ""),
    "other SQL": (other_sql, "MismatchException", "search.sql is not this runtime's"),
    "no model listed": (with_manifest(lambda m: m["files"].pop("embedder.tflite")), "BadManifestException", "does not list embedder.tflite"),
    "another model": (with_manifest(lambda m: m["files"]["embedder.tflite"].update(sha256="0" * 64)), "MismatchException", "Build model and"),
    "unknown tokenizer": (
        with_manifest(lambda m: m["encoders"][0]["embedder"]["tokenizer"].update(kind="unigram")), "UnknownTokenizerException", '"unigram" is unknown; use the version'
    ),
    "no tokenizer": (no_tokenizer, "CorruptTokenizerException", "tokenizer.json"),
    "half copied": (cut, "HalfCopiedException", "fetch its pack again"),
    "a file missing": (lambda b: (b / "search.sql").unlink(), "HalfCopiedException", "has 0 of"),
    "a changed byte": (flip, "CorruptFileException", "install the app"),
    "no database": (no_database, "BadDatabaseException", "SQLite says"),
    "of another model": (with_database("UPDATE metadata SET value = 'x' WHERE key = 'model_id'"), "MismatchException", "was made by x"),
    "schema 1": (with_database(*SCHEMA_1), "BadDatabaseException", "is 1, this runtime reads 2. Build the bundle again."),
    "schema 3": (with_database("UPDATE metadata SET value = '3' WHERE key = 'schema_version'"), "BadDatabaseException", "Update the app's rag-runtime."),
    "a vector short": (with_database("UPDATE chunk_vectors SET vector = x'00' WHERE n = 3"), "BadDatabaseException", "blobs of 32 bytes"),
    "a vector less": (with_database("DELETE FROM chunk_vectors WHERE n = 3"), "BadDatabaseException", "must hold 70 blobs"),
    "no scale": (with_database("UPDATE metadata SET value = 'NaN' WHERE key = 'vector_scale'"), "BadDatabaseException", "no scale"),
    "no count": (with_database("UPDATE metadata SET value = '-7' WHERE key = 'total_chunks'"), "BadDatabaseException", "no count"),
    "a count beyond 32 bits": (with_database("UPDATE metadata SET value = '99999999999' WHERE key = 'total_chunks'"), "BadDatabaseException", "no count"),
    "more than one array": (with_database("UPDATE metadata SET value = '134217737' WHERE key = 'total_chunks'"), "BadDatabaseException", "one array"),
    "more than memory": (with_database("UPDATE metadata SET value = '67108864' WHERE key = 'total_chunks'", "UPDATE metadata SET value = '31' WHERE key = 'embedding_dim'"), "BadDatabaseException", "bytes of memory"),
    "no table": (with_database("DROP TABLE words"), "BadDatabaseException", ""),
}  # fmt: skip


def test_each_bad_bundle_is_refused_by_name(tiny_bundle, tmp_path):
    folders = []
    for n, (damage, _, _) in enumerate(DAMAGES.values()):
        folders.append(shutil.copytree(tiny_bundle, tmp_path / f"bad{n}"))
        damage(folders[-1])
    names = list(DAMAGES)
    opens = [n for n in names if n != "no table"]  # the table is asked for by the first search
    (found,) = jvm.run(("failures", {"folders": [folders[names.index(n)] for n in opens], "vectors": []}))
    for name, row in zip(opens, found, strict=True):
        _, wanted, words = DAMAGES[name]
        assert (row and row["type"]) == wanted and (row is None or words in row["message"]), (name, row)
    request = {"question": QUESTION, "mode": "bm25"}
    ((row,),) = jvm.run(
        ("search", {"folders": [folders[names.index("no table")]], "requests": [request], "vectors": []})
    )
    assert row["type"] == "BadDatabaseException"


def test_a_missing_library_of_sqlite_is_told(tiny_bundle):
    task = {"folders": [tiny_bundle], "vectors": [], "no_sqlite": "libsqliteJni.so not found"}
    ((row,),) = jvm.run(("failures", task))
    assert row["type"] == "NativeLibraryException" and "libsqliteJni.so not found" in row["message"]


def test_bundles_of_two_models_or_one_name_are_not_joined(tiny_bundle, tmp_path):
    twin = shutil.copytree(tiny_bundle, tmp_path / "twin")
    other = rename_bundle(shutil.copytree(tiny_bundle, tmp_path / "other"), "other")
    edit_json(
        other / "manifest.json",
        lambda m: m["encoders"][0]["embedder"]["prompts"].update(query="query: {question}"),
    )
    task = {"requests": [], "vectors": []}
    for folder, words in ((twin, "one name"), (other, "another model")):
        with pytest.raises(AssertionError, match=words):
            jvm.run(("search", {"folders": [tiny_bundle, folder], **task}))


def test_requests_that_make_no_sense_and_questions_too_long(tiny_bundle):
    """By default a question is not cut behind its asker's back; CUT does as the desktop, and full text has no limit."""
    long = "king " * 100
    requests = [{"question": " \x85\u3000"}, {"question": QUESTION, "limit": 0}, {"question": QUESTION, "where": {"page": [1.5]}},
                {"question": long}, {"question": long, "mode": "bm25"}]  # fmt: skip
    with pocketrag.open(tiny_bundle) as rag:
        task = {"folders": [tiny_bundle], "requests": requests, **jvm.vectors(rag, [QUESTION, long])}
        ids, tokens = [hit.id for hit in rag.search(long)], len(rag.tokenize(long))
    refused, cut_ = jvm.run(("search", {**task, "cut": False}), ("search", task))
    for row, words in zip(refused[:3], ("question is empty", "limit 0", 'filter "page"'), strict=True):
        assert row["type"] == "BadRequestException" and words in row["message"]
    assert refused[3]["type"] == "QuestionTooLongException" and f"{tokens} tokens" in refused[3]["message"]
    assert "LongQuestions.CUT" in refused[3]["message"] and "hits" in refused[4]
    assert [hit["id"] for hit in cut_[3]["hits"]] == ids


def test_what_is_no_vector_of_the_model_is_refused(tiny_bundle):
    asked = [pack(v) for v in (np.ones(32), np.ones(31), np.zeros(32), np.full(32, np.nan))]
    (found,) = jvm.run(("reported", {"folders": [tiny_bundle], "asked": asked, "vectors": []}))
    assert found[0] == {"found": 3} and [row["type"] for row in found[1:]] == ["BadRequestException"] * 3
    assert "give 32" in found[1]["message"] and "zeros" in found[2]["message"]


def golden_task(bundle):
    """What a phone would compute that agrees with the golden file."""
    texts, lengths = (
        json.loads((bundle / "golden.json").read_text())["texts"],
        read_manifest(bundle).embedder.lengths,
    )
    vectors = [[jvm.padded(t["ids"], lengths), t["shipped"]] for t in texts]
    return {"folders": [bundle], "ids": [[t["prompted"], t["ids"]] for t in texts], "vectors": vectors}


def test_the_self_test_passes_and_sees_what_differs(tiny_bundle):
    fine = golden_task(tiny_bundle)
    wrong_id = {
        **fine,
        "ids": [
            [text, [*ids[:-1], 7]] if n == 0 else [text, ids] for n, (text, ids) in enumerate(fine["ids"])
        ],
    }
    noise = np.random.default_rng(1).normal(size=32)
    moved = {**fine, "vectors": [[ids, pack(unpack(v, 32) + 0.02 * noise)] for ids, v in fine["vectors"]]}
    lost = {**fine, "vectors": [[ids, pack(noise)] for ids, _ in fine["vectors"]]}
    broken = {**fine, "broken": "no library"}
    other = rename_bundle(shutil.copytree(tiny_bundle, tiny_bundle.with_name("other")), "other")
    two = {**fine, "folders": [tiny_bundle, other]}
    ok, *rest, beside = jvm.run(*(("selftest", task) for task in (fine, wrong_id, moved, lost, broken, two)))
    assert beside == ok  # of the first bundle, whatever lies beside it
    assert ok["passed"] and [c["name"] for c in ok["checks"]] == [
        "tokens",
        "cosine",
        "least cosine",
        "ranking",
    ]
    assert (
        all(c["n"] >= 48 for c in ok["checks"])
        and ok["checks"][3]["value"] == 1.0
        and ok["checks"][2]["value"] > 0.999999
    )
    assert {c["encoder"] for c in ok["checks"]} == {"full"}
    failed = [[c["name"] for c in row["checks"] if not c["passed"]] for row in rest]
    assert (
        failed[0] == ["tokens"]
        and failed[1][0] == "cosine"
        and failed[2:] == [["cosine", "least cosine", "ranking"], ["model"]]
    )
    assert not any(row["passed"] for row in rest)


def test_the_adapters_to_ai_edge_rag_sdk(tiny_bundle):
    passage = "the king moves when the queen 0 is on the board"
    with pocketrag.open(tiny_bundle) as rag:
        asked = jvm.vectors(rag, [QUESTION], [rag.spec.prompts.passage("", passage)])
        vectors = [rag.embed(QUESTION), rag.embedder.embed(rag.spec.prompts.passage("", passage))]
        best = [(id_, score) for id_, score in rag.dense(QUESTION, 5)]
        least = (best[2][1] + best[3][1]) / 2
        (found,) = jvm.run(
            (
                "edge",
                {"folders": [tiny_bundle], "question": QUESTION, "passage": passage, "least": least, **asked},
            )
        )
        texts = [rag.database.passage(id_)["text"] for id_, _ in best[:3]]
    assert np.allclose(found["vector"], vectors[0], atol=1e-7) and np.allclose(
        found["both"], vectors, atol=1e-7
    )
    assert [row["text"] for row in found["records"]] == texts
    assert [row["metadata"]["id"] for row in found["records"]] == [id_ for id_, _ in best[:3]]
    assert (
        found["refused"]["type"] == "UnsupportedOperationException"
        and "read-only" in found["refused"]["message"]
    )
