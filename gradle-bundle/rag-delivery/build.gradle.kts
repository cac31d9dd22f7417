plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
}

// What an app writes that includes this build: implementation("dev.pocketrag:rag-delivery").
group = "dev.pocketrag"

// Downloads packs that Play does not install with the app; a module of its own, since Play's library is proprietary.
android {
    namespace = "dev.pocketrag.delivery"
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
    api(libs.ai.delivery)
}
