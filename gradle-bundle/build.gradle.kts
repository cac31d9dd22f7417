// AGP 9 compiles Kotlin itself, with an older compiler than libraries are written with today; this is how it is given another.
buildscript {
    repositories {
        google()
        mavenCentral()
    }
    dependencies {
        classpath(libs.kotlin.gradle.plugin)
    }
}

plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.android.library) apply false
    alias(libs.plugins.android.ai.pack) apply false
    alias(libs.plugins.android.asset.pack) apply false
}
