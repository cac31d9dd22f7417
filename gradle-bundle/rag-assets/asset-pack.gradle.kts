plugins {
    id("com.android.asset-pack")
}

// A Play asset pack: src/main/assets of this folder, nothing else. No catalog here, so that an app can include the
// folder in its own build; what stays uncompressed is said there (sample/build.gradle.kts).
assetPack {
    packName.set(project.name)
    dynamicDelivery {
        // A language model comes where the app asks for it: not every phone can carry it.
        val asked = project.name == providers.gradleProperty("pocketrag.generator").orNull
        deliveryType.set(if (asked) "on-demand" else providers.gradleProperty("pocketrag.delivery").getOrElse("install-time"))
    }
}
