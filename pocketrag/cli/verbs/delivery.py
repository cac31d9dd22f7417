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
        "key",
        "pocketrag.versions.key",
        "updates",
        "the key that signs updates: its private half stays with the team, the public one goes into the app",
        "pocketrag key updates.pem",
        (
            Option("file", "the private key to write; it is never overwritten", "FILE"),
            Option("--show", "print the public half of a key that is there", default=False, flag=True),
        ),
    ),
    Verb(
        "delta",
        "pocketrag.versions.delta",
        "updates",
        "two bundles -> one small signed file that makes the second of the first, byte for byte",
        "pocketrag delta work/demo/earlier android_assets/demo --key updates.pem",
        (
            Option("old", "the folder of the bundle that apps have", "OLD"),
            Option("new", "the folder of the one that they are to have", "NEW"),
            Option("--key", "the private key that signs it (default: unsigned, which no app takes)", "FILE"),
            Option("--out", "the file to write (default: NAME-OLD-NEW.ragdelta beside NEW)", "FILE"),
        ),
    ),
    Verb(
        "apply",
        "pocketrag.versions.apply",
        "updates",
        "a delta and the bundle that it is for -> the new bundle, refused where the phone would refuse it",
        "pocketrag apply demo-1.0.0-1.1.0.ragdelta android_assets/demo --public updates.pub --out next",
        (
            Option("delta", "what `pocketrag delta` wrote", "DELTA"),
            Option("bundle", "the folder of the bundle that it is for; it stays as it is", "BUNDLE"),
            Option("--public", "the public key that `pocketrag key` printed, or a file that holds it", "KEY"),
            Option("--out", "the folder to write", "DIR"),
            Option("--rollback", "take a delta to an earlier version", default=False, flag=True),
        ),
    ),
    Verb(
        "channel",
        "pocketrag.versions.channel",
        "updates",
        "a folder for any static host, in which apps find the next version and the deltas that lead there",
        "pocketrag channel site add android_assets/demo --key updates.pem --share .1",
        (
            Option("folder", "what goes to the host; bundles are kept beside it in DIR.bundles", "DIR"),
            Option("action", "add a bundle, change the share of a version, or show", "add|share|show"),
            Option(
                "subject",
                "of add the bundle; of share the version; of show the version that an app has",
                "BUNDLE|VERSION",
                optional=True,
            ),
            Option("to", "of share: of the apps that are to take it, 0 to 1", "SHARE", optional=True),
            Option("--key", "the private key that signs the index", "FILE"),
            Option("--public", "of show: check the signature by this public key", "KEY"),
            Option("--keep", "deltas from so many earlier versions (default: 5)", "N", default=5, type=count),
            Option("--share", "of add: of the apps that are to take it, 0 to 1 (default: 1)", "SHARE"),
            Option("--id", "of show: what an app with this id takes", "ID"),
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
