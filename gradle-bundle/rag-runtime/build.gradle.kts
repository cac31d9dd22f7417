plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
}

// What an app writes that includes this build: implementation("dev.pocketrag:rag-runtime").
group = "dev.pocketrag"

android {
    namespace = "dev.pocketrag.runtime"
    compileSdk = 36

    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
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
    implementation(libs.litert)
    implementation(libs.sqlite.bundled)
}
