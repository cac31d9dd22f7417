pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode.set(RepositoriesMode.FAIL_ON_PROJECT_REPOS)
    repositories {
        google()
        mavenCentral()
        // Written by `pocketrag gradle`: dev.pocketrag:rag-runtime, rag-delivery and rag-answer.
        maven {
            url = uri("maven")
        }
    }
}

rootProject.name = "pocketrag"
include(":rag-edge-sdk")
include(":sample")

// One bundle, chosen by name, and its language model: `pocketrag gradle` lays each below rag-assets/. The folder's name is Play's name of
// the pack.
val packs = listOf(providers.gradleProperty("pocketrag.bundle").orNull, providers.gradleProperty("pocketrag.generator").orNull)
for (pack in packs.filterNotNull()) {
    val kind = providers.gradleProperty("pocketrag.pack").getOrElse("ai")
    require(kind in listOf("ai", "asset")) { "gradle.properties: pocketrag.pack is \"$kind\"; write ai or asset." }
    include(":rag-assets:$pack")
    project(":rag-assets:$pack").buildFileName = "../$kind-pack.gradle.kts"
}
