plugins {
    alias(libs.plugins.android.ai.pack)
}

// A Play AI pack: src/main/assets of this folder, nothing else. It holds no code, so the app compresses or stores (sample/build.gradle.kts).
aiPack {
    packName.set(project.name)
    dynamicDelivery {
        deliveryType.set(providers.gradleProperty("pocketrag.delivery").getOrElse("install-time"))
    }
}
