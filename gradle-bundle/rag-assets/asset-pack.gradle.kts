plugins {
    alias(libs.plugins.android.asset.pack)
}

// A Play asset pack: src/main/assets of this folder, nothing else. It holds no code, so the app compresses or stores (sample/build.gradle.kts).
assetPack {
    packName.set(project.name)
    dynamicDelivery {
        deliveryType.set(providers.gradleProperty("pocketrag.delivery").getOrElse("install-time"))
    }
}
