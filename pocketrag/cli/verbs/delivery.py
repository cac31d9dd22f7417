"""The verbs that bring a bundle into an app, and keep its versions."""

from __future__ import annotations

from ..options import BASE, PACKED, PURPOSE, RECIPE, WORK, Option, Verb, count

DELIVERY = (
    Verb(
        "tiers",
        "pocketrag.cli.commands.tiers",
        None,
        "a generator and its exam -> what answers on which phone, as NAME.tiers.json beside the bundle",
        "pocketrag tiers my/app.toml --memory 5600",
        (
            RECIPE,
            Option("--exam", "what `pocketrag exam --json` printed (default: the stage's)", "FILE"),
            Option(
                "--assets",
                "the folder of bundle and generator (default: android_assets)",
                "DIR",
                default="android_assets",
            ),
            Option("--memory", "say what a phone of so many megabytes gets", "MB", type=count),
            WORK,
        ),
    ),
    Verb(
        "aar",
        "pocketrag.export.aar",
        None,
        "a bundle -> an Android archive in a Maven repository folder, which an app takes with one line",
        "pocketrag aar android_assets/demo --out maven",
        (
            Option("bundle", "the folder of a bundle", "BUNDLE"),
            Option("--out", "the repository's folder; what else lies there stays", "DIR"),
            Option("--group", "Maven's group (default: dev.pocketrag)", "GROUP", default="dev.pocketrag"),
        ),
    ),
    Verb(
        "gradle",
        "pocketrag.export.gradle",
        None,
        (
            "a bundle -> a Gradle project that carries it as a Play pack, with the Kotlin "
            "runtime and a sample app"
        ),
        "pocketrag gradle android_assets/demo --out into-the-app",
        (
            Option("bundle", "the folder of a bundle; with --tier, what phones of no group get", "BUNDLE"),
            Option("--out", "the project's folder", "DIR"),
            *PACKED,
        ),
    ),
    Verb(
        "update",
        "pocketrag.versions.update",
        None,
        "two bundles of one corpus -> what an app with the first needs to have the second: the model alone",
        "pocketrag update work/demo/earlier android_assets/demo",
        (
            Option("old", "the folder of the bundle that apps have", "OLD"),
            Option("new", "the folder of the next one", "NEW"),
            Option("--out", "the folder to write (default: NAME-VERSION.update beside NEW)", "DIR"),
        ),
    ),
    Verb(
        "push",
        "pocketrag.cli.commands.push",
        None,
        "a verified bundle -> a repository of the Hugging Face hub, with its report and a model card",
        "pocketrag push android_assets/demo --to acme/demo-bundle --dry-run",
        (
            Option("bundle", "the folder of a bundle", "BUNDLE"),
            Option("--to", "the repository; made where it is not there", "OWNER/NAME"),
            Option(
                "--dry-run", "say what would go where; sends nothing, asks nobody", default=False, flag=True
            ),
            Option("--private", "a new repository is seen by its owner alone", default=False, flag=True),
        ),
    ),
    Verb(
        "release",
        "pocketrag.versions.release",
        "versions",
        "version embeddings, database, model and bundle under a git tag, their data kept by DVC",
        "pocketrag release v1.1-qlora recipes/demo.toml --push",
        (
            Option("tag", "the new tag", "TAG"),
            RECIPE,
            Option("--bundle", "where `build` put the bundle (default: android_assets/NAME)", "DIR"),
            PURPOSE,
            Option("--push", "push data, commit and tag to the configured remotes", default=False, flag=True),
            WORK,
            BASE,
        ),
    ),
    Verb(
        "fallback",
        "pocketrag.versions.fallback",
        "versions",
        "back to a release: its pointers, its data, and the proof that database, manifest and model agree",
        "pocketrag fallback v1.0-base",
        (Option("tag", "the tag of a release", "TAG"),),
    ),
    Verb(
        "model-id",
        "pocketrag.versions.model_id",
        None,
        "show or set the model that a database says it was made by",
        "pocketrag model-id android_assets/demo/corpus.db",
        (Option("database", "a `corpus.db`", "DB"), Option("--set", "the new id", "ID")),
    ),
)
