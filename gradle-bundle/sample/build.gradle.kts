plugins {
    alias(libs.plugins.android.application)
}

// Written by `pocketrag gradle`; without a bundle the sample builds, and says so when it starts.
val bundleName: String? = providers.gradleProperty("pocketrag.bundle").orNull
val tiered: Boolean = providers.gradleProperty("pocketrag.tiers").isPresent

// Files for NPUs came with the bundle.
val npu: Boolean = providers.gradleProperty("pocketrag.npu").isPresent

// The pack of a language model that its exam lets ship: the sample then answers, and depends on what that takes.
val generator: String? = providers.gradleProperty("pocketrag.generator").orNull

android {
    namespace = "dev.pocketrag.sample"
    compileSdk = 37

    defaultConfig {
        applicationId = "dev.pocketrag.sample"
        minSdk = 26
        targetSdk = 36
        versionCode = 1
        versionName = "1.0"
        ndk {
            // Phones, and the emulator on a desktop.
            abiFilters += listOf("arm64-v8a", "x86_64")
        }
    }

    // Holds for the packs too: the app bundle has one list of what stays uncompressed.
    androidResources {
        noCompress += listOf("tflite", "db")
    }

    sourceSets {
        getByName("main") {
            kotlin.directories += if (generator == null) "src/passages/kotlin" else "src/answers/kotlin"
            if (generator != null) {
                res.directories += "src/answers/res"
            }
        }
    }

    packaging {
        jniLibs {
            // LiteRT's and SQLite's .so stay uncompressed in the APK; AGP aligns them to 16 kB.
            useLegacyPackaging = false
        }
    }

    // For an NPU they lie as plain files: LiteRT looks for its library in a folder, and the NPU's own processor reads another.
    if (npu) {
        packaging {
            jniLibs {
                useLegacyPackaging = true
            }
        }
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
        }
    }

    // Kotlin's target follows Java's.
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    if (bundleName != null) {
        assetPacks += ":rag-assets:$bundleName"
    }

    if (generator != null) {
        assetPacks += ":rag-assets:$generator"
    }

    if (tiered) {
        bundle {
            deviceTargetingConfig.set(file("device_targeting_config.xml"))
            deviceGroup {
                enableSplit = true
                defaultGroup = "other"
            }
        }
    }
}

dependencies {
    implementation(libs.rag.runtime)
    if (generator != null) {
        implementation(libs.rag.answer)
        implementation(libs.rag.delivery)
    }
}
