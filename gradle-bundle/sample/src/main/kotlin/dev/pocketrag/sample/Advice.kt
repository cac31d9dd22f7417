package dev.pocketrag.sample

import dev.pocketrag.runtime.BadDatabaseException
import dev.pocketrag.runtime.BadManifestException
import dev.pocketrag.runtime.BadNpuFilesException
import dev.pocketrag.runtime.BadRequestException
import dev.pocketrag.runtime.CorruptFileException
import dev.pocketrag.runtime.CorruptTokenizerException
import dev.pocketrag.runtime.DiskFullException
import dev.pocketrag.runtime.HalfCopiedException
import dev.pocketrag.runtime.InstallException
import dev.pocketrag.runtime.MismatchException
import dev.pocketrag.runtime.MissingBundleException
import dev.pocketrag.runtime.ModelException
import dev.pocketrag.runtime.NativeLibraryException
import dev.pocketrag.runtime.QuestionTooLongException
import dev.pocketrag.runtime.RagClosedException
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.UnknownTokenizerException
import dev.pocketrag.runtime.UnreadableBundleException
import dev.pocketrag.runtime.UnsupportedTokenizerException
import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.WrongContractException

private const val MEGABYTE = 1_000_000L

/** What the user can do; the exception's own message is for the app's makers. Complete: [RagException] is sealed. */
internal fun advice(error: RagException, texts: Texts): Notice {
    val what = when (error) {
        is BadRequestException -> texts.text(R.string.do_ask)
        is QuestionTooLongException -> texts.text(R.string.do_shorter, error.tokens, error.longest)
        is DiskFullException -> texts.text(R.string.do_room, room(error))
        is MissingBundleException -> texts.text(R.string.do_fetch)
        is InstallException, is UnreadableBundleException, is UpdateException, is RagClosedException, is ModelException ->
            texts.text(R.string.do_again)
        is WrongContractException, is UnknownTokenizerException, is UnsupportedTokenizerException -> texts.text(R.string.do_update)
        is CorruptFileException, is HalfCopiedException, is CorruptTokenizerException, is BadNpuFilesException ->
            texts.text(R.string.do_install)
        is BadManifestException, is BadDatabaseException, is MismatchException, is NativeLibraryException ->
            texts.text(R.string.do_report) + " " + error.message
    }
    return Notice(texts.text(R.string.failed), what, retry = error !is BadRequestException && error !is QuestionTooLongException)
}

/** What is missing, in megabytes, rounded up. */
private fun room(error: DiskFullException): Long = (error.neededBytes - error.freeBytes).coerceAtLeast(0) / MEGABYTE + 1
