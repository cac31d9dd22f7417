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
        // Leaves out what only weighs: checks for null from Java (Kotlin callers have the types), hints for stepping through inlined code,
        // calls that Android 8 would rewrite to a StringBuilder anyway, and copies of default methods for Kotlin before 1.3.
        freeCompilerArgs.addAll(
            "-Xno-param-assertions",
            "-Xno-call-assertions",
            "-Xno-receiver-assertions",
            "-Xno-source-debug-extension",
            "-Xstring-concat=inline",
            "-jvm-default=no-compatibility",
        )
    }
}

dependencies {
    implementation(libs.litert)
    implementation(libs.sqlite.bundled)
}
