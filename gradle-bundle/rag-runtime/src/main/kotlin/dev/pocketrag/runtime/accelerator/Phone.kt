package dev.pocketrag.runtime.accelerator

/**
 * The phone that this runs on.
 *
 * @param soc its system on a chip, as `Build.SOC_MODEL` says; null before Android 12, which does not tell.
 * @param state what a proof of an accelerator depends on beside the model: the system with its drivers, and the app with its libraries.
 * @param libraries the folder of the app's native libraries.
 */
internal class Phone(val soc: String?, val state: String, val libraries: String)
