package dev.pocketrag.runtime

import android.content.Context
import androidx.annotation.WorkerThread
import dev.pocketrag.runtime.android.AndroidPlatform
import dev.pocketrag.runtime.engine.Engine
import dev.pocketrag.runtime.engine.Opened
import dev.pocketrag.runtime.engine.Opening
import dev.pocketrag.runtime.engine.blocking
import dev.pocketrag.runtime.install.newestCopy
import java.io.Closeable
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.withContext

/**
 * Answers questions from one bundle, or from several of one model:
 *
 *     val rag = Rag.open(context, "demo")
 *     for (hit in rag.search("Who may stop the clocks?").hits) println(hit.passage.text)
 *
 * Any thread may call, the main one too: the work is done on a thread of the bundle's own, one call after the other. A caller that is
 * cancelled returns at once while it waits for its turn, and then at the next run of the model or step of a copy. The calls
 * that end in `Blocking` are for Java, and wait on the calling thread; interrupting that thread cancels them (`CancellationException`).
 * [update] and [rollback] change the version that answers.
 *
 * All calls but [close] throw [RagClosedException] once it is closed. An app that opens on first use and closes when memory is short
 * keeps a [RagHolder] instead.
 */
public class Rag internal constructor(
    opened: Opened,
    internal val opening: Opening,
) : Closeable {
    /** Replaced by an update: a call is done by what was there when it came. */
    @Volatile
    internal var opened: Opened = opened
        private set
    private val closed = AtomicBoolean()

    /** Of what answers now: an update changes it. */
    public val manifest: Manifest
        get() = opened.manifest

    /** Whether [close] was called. */
    internal val isClosed: Boolean
        get() = closed.get()

    /**
     * Returns the best passages for a question, by the first encoder from [RagOptions.start] on that can be used, with its own prompts,
     * fusion and threshold; by full text alone where none can.
     *
     * @param limit how many at most.
     * @param mode by default what the bundle says for the encoder that answers.
     * @param where only passages with one of these values under each of these metadata keys, {"source": ["rules"]}.
     * @param threshold the cosine below which the best passage is probably no answer; by default that encoder's.
     * @throws BadRequestException the question is empty, the limit below 1, or the filter holds what it can't.
     * @throws QuestionTooLongException unless long questions are cut, or mode is BM25.
     * @throws BadDatabaseException the database is damaged.
     */
    public suspend fun search(
        question: String,
        limit: Int = LIMIT,
        mode: Mode? = null,
        where: Where? = null,
        threshold: Double? = null,
    ): Answer = ask(searching(question, limit, mode, where, threshold))

    /** [search] for Java. */
    @WorkerThread
    @JvmOverloads
    @Throws(RagException::class)
    public fun searchBlocking(
        question: String,
        limit: Int = LIMIT,
        mode: Mode? = null,
        where: Where? = null,
        threshold: Double? = null,
    ): Answer = wait(searching(question, limit, mode, where, threshold))

    /** Returns an answer's passages with their sections or neighbours, nothing twice, within so many tokens of the encoder asked first. */
    public suspend fun context(answer: Answer, tokens: Int): List<Block> = ask { engine, check -> engine.context(answer, tokens, check) }

    /** [context] for Java. */
    @WorkerThread
    @Throws(RagException::class)
    public fun contextBlocking(answer: Answer, tokens: Int): List<Block> = wait { engine, check -> engine.context(answer, tokens, check) }

    /** Returns how many tokens a text has for the encoder asked first, as [context] counts them. */
    public suspend fun countTokens(text: String): Int = ask { engine, check -> engine.countTokens(text, check) }

    /** [countTokens] for Java. */
    @WorkerThread
    @Throws(RagException::class)
    public fun countTokensBlocking(text: String): Int = wait { engine, check -> engine.countTokens(text, check) }

    /**
     * Returns a question's vector, float32 of the bundle's dims, unit length, by the first encoder that can be used.
     *
     * @throws ModelException none can.
     * @throws QuestionTooLongException unless long questions are cut.
     */
    public suspend fun embed(question: String): FloatArray = ask { engine, check -> engine.embed(question, check) }

    /** [embed] for Java. */
    @WorkerThread
    @Throws(RagException::class)
    public fun embedBlocking(question: String): FloatArray = wait { engine, check -> engine.embed(question, check) }

    /**
     * Returns the vector of a passage that is not in the bundle, cut to the longest length, with the prompt for passages. Only the encoder
     * named "full" embeds passages as the bundle's were.
     *
     * @throws ModelException no encoder can be used.
     */
    public suspend fun embedPassage(text: String, title: String = ""): FloatArray =
        ask { engine, check -> engine.embedPassage(title, text, check) }

    /** [embedPassage] for Java. */
    @WorkerThread
    @JvmOverloads
    @Throws(RagException::class)
    public fun embedPassageBlocking(text: String, title: String = ""): FloatArray =
        wait { engine, check -> engine.embedPassage(title, text, check) }

    /**
     * Returns (passage id, cosine) for a vector that [embed] returned, best first.
     *
     * @throws BadRequestException it has another size, or is no vector.
     */
    public suspend fun nearest(vector: FloatArray, limit: Int): List<Ranked> = ask { engine, check -> engine.nearest(vector, limit, check) }

    /** [nearest] for Java. */
    @WorkerThread
    @Throws(RagException::class)
    public fun nearestBlocking(vector: FloatArray, limit: Int): List<Ranked> =
        wait { engine, check -> engine.nearest(vector, limit, check) }

    /**
     * Returns the passage of a ranking's id.
     *
     * @throws BadRequestException there is none.
     */
    public suspend fun passage(id: String): Passage = ask { engine, _ -> engine.passage(id) }

    /** [passage] for Java. */
    @WorkerThread
    @Throws(RagException::class)
    public fun passageBlocking(id: String): Passage = wait { engine, _ -> engine.passage(id) }

    /**
     * Compares this phone with the first bundle's golden files, of every encoder from [RagOptions.start] on; takes some seconds and
     * opens them all.
     */
    public suspend fun selfTest(): SelfTestResult = ask { engine, check -> engine.selfTest(check) }

    /** [selfTest] for Java. */
    @WorkerThread
    @Throws(RagException::class)
    public fun selfTestBlocking(): SelfTestResult = wait { engine, check -> engine.selfTest(check) }

    /** Gives the memory back on the worker's thread, once the call that runs there is done; returns at once. Those that wait fail. */
    override fun close() {
        if (!closed.getAndSet(true)) opened.close()
    }

    /** Closes, and returns when the memory was given back. */
    public suspend fun closeAndJoin() {
        close()
        opened.closeAndJoin()
    }

    private fun searching(question: String, limit: Int, mode: Mode?, where: Where?, threshold: Double?): (Engine, () -> Unit) -> Answer =
        { engine, check -> engine.search(question, limit, mode, where, threshold, check) }

    private fun <T> wait(work: (Engine, () -> Unit) -> T): T = blocking { ask(work) }

    private suspend fun <T> ask(work: (Engine, () -> Unit) -> T): T {
        while (true) {
            val now = opened
            try {
                // Asked again there: it may be closed while a call waits for its turn.
                if (closed.get()) throw RagClosedException()
                return now.ask { engine, check -> if (closed.get()) throw RagClosedException() else work(engine, check) }
            } catch (error: RagClosedException) {
                if (closed.get() || now === opened) throw error
            }
        }
    }

    /** Lets [next] answer from now on, and returns what answered before; once this is closed, [next] is too. */
    internal fun switch(next: Opened): Opened {
        val before = opened
        opened = next
        if (closed.get()) next.close()
        return before
    }

    public companion object {
        /**
         * Opens the bundle named [bundle], and copies it to private storage before where that is needed and was not done: assets are
         * copied, once for each version; what lies in a folder ([BundleSource.folder]) is opened there. The copy lies outside of backups.
         * A copy that was damaged since is made anew. A model-only update (`pocketrag update`), in a folder or not, is completed from
         * the copy of the version before. Takes seconds the first time; [installation] shows how far it is.
         *
         * The first encoder is opened now, the next when it is needed. Where none can be, full text alone answers, and every answer says
         * so.
         *
         * @param source where it comes from; by default the app's assets.
         * @throws MissingBundleException there is none.
         * @throws RagException its message says what was wrong and what to do.
         */
        public suspend fun open(
            context: Context,
            bundle: String,
            options: RagOptions = RagOptions(),
            source: BundleSource = AssetSource(context.assets, bundle),
        ): Rag = open(context, listOf(source), options)

        /**
         * Opens bundles of one model, which are searched together; the first one's encoders embed, and their fusion and threshold hold.
         *
         * @throws MismatchException two bundles have one name, or their models differ.
         * @throws RagException as the other.
         */
        public suspend fun open(context: Context, sources: List<BundleSource>, options: RagOptions = RagOptions()): Rag =
            opening(context, options).open(sources)

        /** [open] for Java. */
        @WorkerThread
        @JvmStatic
        @JvmOverloads
        @Throws(RagException::class)
        public fun openBlocking(
            context: Context,
            bundle: String,
            options: RagOptions = RagOptions(),
            source: BundleSource = AssetSource(context.assets, bundle),
        ): Rag = blocking { open(context, bundle, options, source) }

        /** [open] of several for Java. */
        @WorkerThread
        @JvmStatic
        @JvmOverloads
        @Throws(RagException::class)
        public fun openBlocking(context: Context, sources: List<BundleSource>, options: RagOptions = RagOptions()): Rag =
            blocking { open(context, sources, options) }

        /**
         * Returns the copy of a bundle that lies in private storage, of whatever version, to be opened as the source of [open]; null where
         * none does. [bundle] is the name that its manifest has. For after a [DiskFullException]: an update had no room, and the version
         * before is whole. [Rag.manifest] says which it is.
         */
        public suspend fun installed(context: Context, bundle: String): FolderSource? = withContext(Dispatchers.IO) {
            newestCopy(AndroidPlatform(context, RagOptions()).storage, bundle)?.let(::FolderSource)
        }

        /** [installed] for Java. */
        @WorkerThread
        @JvmStatic
        public fun installedBlocking(context: Context, bundle: String): FolderSource? = blocking { installed(context, bundle) }

        /**
         * Makes a bundle ready to be opened, as [open] would do first, and says how far it is; the last state is [InstallState.Done]. A
         * collector that is cancelled ends it; the next one goes on where it stopped. Failures are those of [open].
         */
        public fun installation(
            context: Context,
            bundle: String,
            source: BundleSource = AssetSource(context.assets, bundle),
        ): Flow<InstallState> = installation(opening(context), source)

        /** [installation] for Java; [onState] is called on the calling thread. */
        @WorkerThread
        @JvmStatic
        @JvmOverloads
        @Throws(RagException::class)
        public fun installBlocking(
            context: Context,
            bundle: String,
            source: BundleSource = AssetSource(context.assets, bundle),
            onState: InstallListener = InstallListener {},
        ): Unit = blocking { installation(context, bundle, source).collect { onState.onState(it) } }

        /** Of states that come faster than they are collected, the newest is kept. */
        internal fun installation(opening: Opening, source: BundleSource): Flow<InstallState> =
            channelFlow<InstallState> { opening.install(source, { ensureActive() }) { trySend(it) } }.conflate().flowOn(Dispatchers.IO)

        private fun opening(context: Context, options: RagOptions = RagOptions()) = Opening(AndroidPlatform(context, options), options)
    }
}
