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
        // Written by `pocketrag gradle`: dev.pocketrag:rag-runtime and rag-delivery.
        maven {
            url = uri("maven")
        }
    }
}

rootProject.name = "pocketrag"
include(":rag-edge-sdk")
include(":sample")

// One bundle, chosen by name: `pocketrag gradle` lays each below rag-assets/. The folder's name is Play's name of the pack.
providers.gradleProperty("pocketrag.bundle").orNull?.let { bundle ->
    val kind = providers.gradleProperty("pocketrag.pack").getOrElse("ai")
    require(kind in listOf("ai", "asset")) { "gradle.properties: pocketrag.pack is \"$kind\"; write ai or asset." }
    include(":rag-assets:$bundle")
    project(":rag-assets:$bundle").buildFileName = "../$kind-pack.gradle.kts"
}
