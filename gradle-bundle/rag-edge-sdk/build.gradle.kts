plugins {
    alias(libs.plugins.android.library)
}

// Adapters to the AI Edge RAG SDK; a module of its own, since that SDK's native libraries add about 50 MB to an app.
android {
    namespace = "dev.pocketrag.edge"
    compileSdk = 37

    defaultConfig {
        minSdk = 26
    }

    // Kotlin's target follows Java's.
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin {
    explicitApi()
    compilerOptions {
        allWarningsAsErrors.set(true)
    }
}

dependencies {
    api(libs.rag.runtime)
    api(libs.rag.sdk)
    api(libs.guava)
}
