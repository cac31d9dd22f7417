plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
}

// What an app writes that includes this build: implementation("dev.pocketrag:rag-edge-sdk").
group = "dev.pocketrag"

// Adapters to the AI Edge RAG SDK; a module of its own, since that SDK's native libraries add about 50 MB to an app.
android {
    namespace = "dev.pocketrag.edge"
    compileSdk = 36

    defaultConfig {
        minSdk = 26
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin {
    explicitApi()
    compilerOptions {
        jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17)
        allWarningsAsErrors.set(true)
    }
}

dependencies {
    api(project(":rag-runtime"))
    api(libs.rag.sdk)
    api(libs.guava)
}
