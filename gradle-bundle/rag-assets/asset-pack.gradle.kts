plugins {
    id("com.android.asset-pack")
}

// A Play asset pack: src/main/assets of this folder, nothing else. No catalog here, so that an app can include the
// folder in its own build; what stays uncompressed is said there (sample/build.gradle.kts).
assetPack {
    packName.set(project.name)
    dynamicDelivery {
        deliveryType.set(providers.gradleProperty("pocketrag.delivery").getOrElse("install-time"))
    }
}
