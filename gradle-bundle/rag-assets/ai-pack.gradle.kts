plugins {
    id("com.android.ai-pack")
}

// A Play AI pack: src/main/assets of this folder, nothing else. No catalog here, so that an app can include the
// folder in its own build; what stays uncompressed is said there (sample/build.gradle.kts).
aiPack {
    packName.set(project.name)
    dynamicDelivery {
        deliveryType.set(providers.gradleProperty("pocketrag.delivery").getOrElse("install-time"))
    }
}
