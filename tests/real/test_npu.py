"""The real EmbeddingGemma on an emulated NPU: `make test-real EMBEDDINGGEMMA=DIR`, about an hour on an idle core, 7 GB of memory."""

import json

import numpy as np
import pytest
from pocketrag.export.npu.compiler import compile_for
from pocketrag.export.npu.rewrite import rewrite
from pocketrag.export.npu.toolchain import find_toolchain

from pocketrag.errors import PocketragError
from pocketrag.formats import files
from pocketrag.formats.embedder.embedder_spec import EmbedderSpec
from pocketrag.formats.layout import MODEL, SPEC
from pocketrag.runtime.embedder import LiteRtEmbedder
from pocketrag.runtime.npu.emulate import emulate
from tests.conftest import cli
from tests.npu import SOC, needs_npu
from tests.real.test_embeddinggemma import HANDBOOK, recipe_of

pytestmark = [pytest.mark.real, needs_npu]
QUESTIONS = (
    "Mon téléphone a sonné pendant la partie, ai-je perdu ?",
    "Qui arrête la pendule quand un coup illégal est constaté ?",
    "Combien de temps puis-je arriver en retard à une ronde ?",
    "Ai-je le droit de proposer nulle avant le trentième coup ?",
    "Que se passe-t-il si les deux drapeaux sont tombés ?",
    "Comment corrige-t-on une feuille de partie illisible ?",
    "Un joueur malade peut-il quitter la salle de jeu ?",
    "Où dépose-t-on une réclamation contre une décision de l'arbitre ?",
    "Faut-il noter les coups quand il reste moins de cinq minutes ?",
    "Puis-je changer de dame si aucune pièce n'est disponible ?",
    "À quelle heure commence la dernière ronde du tournoi ?",
    "Les spectateurs peuvent-ils signaler une irrégularité ?",
    "Comment départage-t-on deux joueurs à égalité de points ?",
    "Que fait l'arbitre quand un joueur refuse de serrer la main ?",
    "La partie est-elle nulle après trois positions identiques ?",
    "Combien coûte l'inscription pour un jeune de moins de douze ans ?",
    "Puis-je boire un café à l'échiquier ?",
    "Qu'est-ce qu'un bye et comment le demander ?",
    "L'adversaire dérange en parlant : à qui le dire ?",
    "Une pièce est tombée, qui la remet en place ?",
    "Peut-on rejouer une partie interrompue par une panne de courant ?",
    "Quel classement sert à établir les appariements ?",
    "Le roque est-il permis si le roi a déjà bougé ?",
    "Que risque un joueur qui consulte un moteur d'analyse ?",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory, embeddinggemma):
    """The folders of the float32 and of the int8 model, lengths 64 and 256."""
    folder = tmp_path_factory.mktemp("npu")
    recipe = recipe_of(folder, "[export]\nlengths = [64, 256]")
    for verb in ("convert", "quantize"):
        done = cli(verb, recipe, "--base", embeddinggemma, cwd=folder, timeout=7200)
        assert done.returncode == 0, done.stderr[-2000:]
    stages = folder / "work" / "gemma"
    return stages / "convert-base", stages / "quantize-base"


def open_float(folder):
    return LiteRtEmbedder(folder, EmbedderSpec.model_validate_json((folder / SPEC).read_text()))


def compiled(source, folder, length, soc=SOC):
    half = folder / "half.tflite"
    rewrite(source / MODEL, half, [length])
    return compile_for(soc, half, folder / f"{soc}.tflite", find_toolchain())


def compared(made, folder, length, rows):
    """Mean and least cosine of the emulated int8 file to the float32 model."""
    float_folder, int8_folder = made
    file = compiled(int8_folder, folder, length)
    print(  # noqa: T201 - for docs/npu.md
        f"{length} tokens: {file.seconds:.1f} s, {file.peak_bytes / 1e9:.2f} GB, "
        f"{file.compiled.file.stat().st_size / 1e6:.1f} MB"
    )
    assert file.seconds <= 60 and file.peak_bytes <= 3e9
    embedder = open_float(float_folder)
    wanted = np.stack([embedder.embed_ids(ids, length) for ids in rows])
    found = emulate(file.compiled.file, [(length, ids) for ids in rows])
    norms = np.linalg.norm(found, axis=1)
    cosines = (found * wanted).sum(1) / norms
    means = f"{cosines.mean():.5f} / {cosines.min():.5f}, n {len(rows)}"
    print(f"cosine {means}, norms {norms.min():.4f} to {norms.max():.4f}")  # noqa: T201
    assert np.abs(norms - 1).max() <= 0.01
    return cosines


def test_french_questions(made, tmp_path):
    embedder = open_float(made[0])
    rows = [embedder.tokenize(embedder.spec.prompts.ask(text)) for text in QUESTIONS]
    assert len(rows) >= 24 and max(map(len, rows)) <= 64
    cosines = compared(made, tmp_path, 64, rows)
    assert cosines.mean() >= 0.9995 and cosines.min() >= 0.999


def test_passages_of_256_tokens(made, tmp_path):
    embedder = open_float(made[0])
    texts = [json.loads(line)["text"] for line in (HANDBOOK / "corpus.jsonl").read_text("utf-8").splitlines()]
    joined = [" ".join(texts[n : n + 6]) for n in range(0, 36, 6)]
    rows = [embedder.tokenize(embedder.spec.prompts.passage("", text)) for text in joined]
    rows = [[*ids[:255], ids[-1]] if len(ids) > 256 else ids for ids in rows]
    assert len(rows) == 6 and min(map(len, rows)) > 128
    cosines = compared(made, tmp_path, 256, rows)
    assert cosines.mean() >= 0.9995 and cosines.min() >= 0.999


def test_compiling_again_gives_the_same_bytes(made, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        compiled(made[1], tmp_path / name, 64)
    assert files.digests(tmp_path / "a") == files.digests(tmp_path / "b")


def test_a_system_that_can_not_run_it_is_refused_by_name(made, tmp_path):
    with pytest.raises(PocketragError, match="SM8350"):
        compiled(made[1], tmp_path, 64, soc="SM8350")
