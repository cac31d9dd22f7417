package dev.pocketrag.runtime

import dev.pocketrag.runtime.install.CONTRACT
import dev.pocketrag.runtime.install.DATABASE
import dev.pocketrag.runtime.install.MANIFEST
import java.io.File

// What can go wrong with bundles, questions and models; each message says what to do. Of the tokenizers: see RagException.kt.

/** The bundle keeps another contract than this runtime. */
public class WrongContractException(public val found: Any?) :
    RagException(
        "$MANIFEST: contract version $found, this runtime reads 1 to $CONTRACT. Update the app's rag-runtime or build the bundle anew.",
    )

/** `manifest.json` is missing, is no JSON, or lacks a key. */
public class BadManifestException(what: String, cause: Throwable? = null) :
    RagException("$MANIFEST: $what. Build the bundle again with `pocketrag build` and ship that.", cause)

/** No bundle lies where it was looked for: the assets hold none of this name, or the pack was not fetched, or removed. */
public class MissingBundleException internal constructor(public val place: String, why: String, cause: Throwable) :
    RagException("$place is missing$why. Ship the bundle in the app, or fetch its pack, then open again.", cause) {
    public constructor(place: String, cause: Throwable) : this(place, "", cause)
}

/** A file of the bundle is missing or has another size than built: it was copied or downloaded half-way. */
public class HalfCopiedException(public val file: File, public val found: Long, public val wanted: Long) :
    RagException("$file: has $found of $wanted bytes, it was not copied to its end. Install the app or fetch its pack again.")

/** A file of the bundle can't be read, which it could before: its pack is being removed, or the storage fails. */
public class UnreadableBundleException(public val place: String, cause: Throwable) :
    RagException("$place can't be read (${cause.message}). Fetch the pack where it was removed, then open again.", cause)

/** A native library is missing or does not fit: the app was built without it, or not for this phone's processor. */
public class NativeLibraryException(public val library: String, cause: Throwable) :
    RagException("$library's native library can't be loaded ($cause). Build the app with it, for all processors (`abiFilters`).", cause)

/** It was closed. */
public class RagClosedException(cause: Throwable? = null) :
    RagException("this Rag was closed: open it again, or keep a RagHolder, which does that by itself.", cause)

/** A file is not the one that was built; an earlier version stays as it was. */
public class CorruptFileException(public val file: String) :
    RagException(
        "$file: not the file that was built (its SHA-256 differs). A copy was made anew by now, so what it is made of is damaged: " +
            "install the app, its asset pack or its folder again.",
    )

/** There is no room for the bundle. An earlier version stays as it was, and what was copied of the new one is gone. */
public class DiskFullException(public val neededBytes: Long, public val freeBytes: Long, cause: Throwable? = null) :
    RagException(
        "the bundle needs $neededBytes more bytes of storage, $freeBytes are free. Ask for room to be made, then install again.",
        cause,
    )

/** The bundle could not be copied for another reason. An earlier version stays as it was; the next try goes on from here. */
public class InstallException(what: String, cause: Throwable) :
    RagException("the bundle could not be installed: $what. Try again; what was copied is kept.", cause)

/** Why an update or a channel was not taken, or could not be. */
public enum class UpdateFailure {
    /** It is none, was cut off, or was altered: fetch it again. */
    DAMAGED,

    /** Nobody signed it. */
    UNSIGNED,

    /** Somebody else signed it. */
    OTHER_KEY,

    /** This phone's system verifies no Ed25519: give [UpdateKey] a [SignatureVerifier]. */
    NO_VERIFIER,

    /** It is for a bundle of another name. */
    OTHER_BUNDLE,

    /** It is of a contract or a format that this runtime does not know: update the app. */
    OTHER_CONTRACT,

    /** It is for another version than the one that is open, or a file of that one was altered. */
    OTHER_BASE,

    /** It leads to a version that is no newer; or the channel is older than one that was seen. */
    NOT_NEWER,

    /** It leads to a version that [Rag.rollback] left. */
    ROLLED_BACK,

    /** It is larger than the app allows. */
    TOO_LARGE,

    /** The new version does not answer on this phone as its golden texts ask. */
    SELF_TEST,

    /** Another update of the bundle is under way. */
    BUSY,

    /** There is no version to go back to. */
    NOTHING_BEFORE,

    /** Reading or writing failed. */
    STORAGE,
}

/** An update or a channel was not taken, or there is none to go back from; what was installed answers on, and nothing is left behind. */
public class UpdateException internal constructor(public val reason: UpdateFailure, what: String, cause: Throwable? = null) :
    RagException("$what. What was installed stays.", cause)

/** `corpus.db` can't be read, or is not what its metadata say. */
public class BadDatabaseException(what: String, cause: Throwable? = null) :
    RagException("$DATABASE: $what. Install the bundle again; if that doesn't help, build it again.", cause)

/** Model and database were not made for each other; or a model-only update is for another corpus than the installed one. */
public class MismatchException(what: String) :
    RagException("$what. Build model and database together, and ship the whole bundle.")

/** A question has more tokens than the longest length of the model holds. */
public class QuestionTooLongException(public val tokens: Int, public val longest: Int) :
    RagException(
        "the question has $tokens tokens, the model takes $longest. Ask for a shorter one, open with LongQuestions.CUT to have it " +
            "cut as the desktop does, or search with Mode.BM25, which has no limit.",
    )

/** The question, the limit or the filter of a search makes no sense. */
public class BadRequestException(what: String) : RagException(what)

/**
 * `npu.json` or a file for an NPU is damaged, or of another bundle, version or model than the bundle's. [Rag.search] computes on the CPU
 * then, and says so.
 */
public class BadNpuFilesException(public val place: String, what: String, cause: Throwable? = null) :
    RagException("$place: $what. Run `pocketrag npu` again and deliver what it writes with the bundle.", cause)

/** A model can't be opened, or gives no vectors; [reason] says why. [Rag.search] then goes on without it and says so. */
public class ModelException(public val reason: String, cause: Throwable? = null) :
    RagException("no vector could be made: $reason. Rag.search can answer by full text alone.", cause)
