package dev.pocketrag.runtime.engine

/** Closes all, also where one throws; throws the first failure, with the others in it. */
internal fun closeAll(all: List<AutoCloseable>) {
    var failure: Exception? = null
    for (one in all) {
        try {
            one.close()
        } catch (error: Exception) {
            failure?.addSuppressed(error) ?: run { failure = error }
        }
    }
    failure?.let { throw it }
}
