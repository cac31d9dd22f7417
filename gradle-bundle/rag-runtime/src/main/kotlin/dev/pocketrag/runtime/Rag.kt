package dev.pocketrag.runtime

import java.io.Closeable
import java.io.File

/** How a bundle is opened on this platform. */
public interface Platform {
    /** Opens `embedder.tflite`; what it throws makes full text answer alone. */
    public fun model(bundle: Bundle): EmbeddingModel

    /** Opens `corpus.db` read-only. */
    public fun sql(bundle: Bundle): Sql

    /** Opens the tokenizer; throws a [RagException] where its kind is unknown or its file no tokenizer. */
    public fun tokenizer(bundle: Bundle): Tokenizer
}

/** What an app may choose. */
public data class RagOptions(
    public val longQuestions: LongQuestions = LongQuestions.REFUSE,
    /** Compare the SHA-256 of every file on opening, as the desktop does; without, sizes only. */
    public val digests: Boolean = true,
    /** Let sqlite-vec find the candidates where the database has its table; its extension must be loaded by [Platform.sql]. */
    public val sqliteVec: Boolean = false,
)

/**
 * Answers questions from one bundle, or from several of one model:
 *
 *     val rag = Rag.open(folder, platform)
 *     for (hit in rag.search("Who may stop the clocks?").hits) println(hit.passage.text)
 *
 * Any thread may call; one search runs at a time. Opening and searching take their time: not on the main thread.
 */
public class Rag private constructor(
    private val tokenizer: Tokenizer,
    private val embedder: Embedder?,
    private val broken: ModelException?,
    private val retriever: Retriever,
    private val bundle: Bundle,
) : Closeable {
    public val manifest: Manifest = bundle.manifest
    private val lock = Any()
    private var closed = false

    /**
     * Returns the best passages for a question.
     *
     * @param limit how many at most.
     * @param mode by default what the bundle says.
     * @param where only passages with one of these values under each of these metadata keys, {"source": ["rules"]}.
     * @param threshold the cosine below which the best passage is probably no answer; by default the bundle's.
     * @throws BadRequestException the question is empty, the limit below 1, or the filter holds what it can't.
     * @throws QuestionTooLongException unless long questions are cut, or mode is BM25.
     * @throws BadDatabaseException the database is damaged.
     */
    public fun search(question: String, limit: Int = 10, mode: Mode? = null, where: Where? = null, threshold: Double? = null): Answer =
        alone {
            if (limit < 1) throw BadRequestException("limit $limit: must be at least 1.")
            if (question.all(::isPythonSpace)) throw BadRequestException("the question is empty.")
            val wanted = mode ?: manifest.fusion.mode
            val (vector, failure) = if (wanted == Mode.BM25) null to null else vector(question)
            val how = if (vector == null) Mode.BM25 else wanted
            val found = retriever.rank(question, vector, limit, how, where)
            val hits = hits(found, limit)
            val nothing = if (hits.isEmpty()) retriever.whyNothing(question, where) else null
            val best = found.dense.firstOrNull()?.score
            Answer(question, how, hits, failure?.message, best, threshold ?: manifest.threshold, nothing)
        }

    /**
     * Returns a question's vector, float32 [dims], unit length.
     *
     * @throws ModelException the model can't be used.
     * @throws QuestionTooLongException unless long questions are cut.
     */
    public fun embed(question: String): FloatArray = alone { model().question(question) }

    /**
     * Returns (passage id, cosine) for a question's vector float32 [dims], best first.
     *
     * @throws BadRequestException it has another size, or is no vector.
     */
    public fun nearest(vector: FloatArray, limit: Int): List<Ranked> = alone {
        val dims = manifest.embedder.dims
        if (vector.size != dims) throw BadRequestException("a vector of ${vector.size} numbers; give $dims.")
        if (!Embedder.isVector(vector)) throw BadRequestException("a vector of NaN, infinity or zeros: give what embed() returned.")
        retriever.nearest(vector, maxOf(limit, 0), null)
    }

    /** Returns the passage of a ranking's id. */
    public fun passage(id: String): Passage = alone { retriever.find(id).second }

    /** Returns an answer's passages with their sections or neighbours, nothing twice, within so many of the embedder's tokens. */
    public fun context(answer: Answer, tokens: Int): List<Block> =
        alone { Context(retriever.databases) { tokenizer.encode(it).size }.blocks(answer.hits, tokens) }

    /** Compares this phone with the first bundle's `golden.json`; takes some seconds. */
    public fun selfTest(): SelfTestResult = alone {
        SelfTest(manifest, Golden.parse(bundle.text(GOLDEN)), embedder, broken, retriever.first()).run()
    }

    /** The embedder, for adapters. @throws ModelException it could not be opened. */
    public fun <T> withEmbedder(work: (Embedder) -> T): T = alone { work(model()) }

    override fun close(): Unit = synchronized(lock) {
        if (!closed) {
            closed = true
            retriever.close()
            embedder?.close()
        }
    }

    private fun model(): Embedder = embedder ?: throw checkNotNull(broken)

    private fun vector(question: String): Pair<FloatArray?, ModelException?> =
        try {
            model().question(question) to null
        } catch (error: ModelException) {
            null to error
        }

    private fun hits(found: Rankings, limit: Int): List<Hit> {
        val dense = places(found.dense)
        val lexical = places(found.lexical)
        return found.ranked.take(limit).mapIndexed { i, (key, score) ->
            val (corpus, passage) = retriever.find(key)
            Hit(i + 1, score, dense[key], lexical[key], corpus, passage)
        }
    }

    private fun places(list: List<Ranked>): Map<String, Int> = list.withIndex().associate { (i, one) -> one.id to i + 1 }

    private fun <T> alone(work: () -> T): T = synchronized(lock) {
        check(!closed) { "this Rag was closed; open it again." }
        work()
    }

    public companion object {
        /** Opens the bundle in [folder]; see [open] of several. */
        public fun open(folder: File, platform: Platform, options: RagOptions = RagOptions()): Rag =
            open(listOf(folder), platform, options)

        /**
         * Installs a bundle below [root] where that was not done before, and opens it. What was damaged since is copied anew.
         *
         * @throws RagException as [BundleInstaller.install] and [open] do.
         */
        public fun open(source: BundleSource, root: File, platform: Platform, options: RagOptions = RagOptions()): Rag {
            val installer = BundleInstaller(source, root)
            return try {
                open(installer.install().folder, platform, options)
            } catch (_: CorruptFileException) {
                open(installer.install(check = true).folder, platform, options)
            }
        }

        /**
         * Opens bundles of one model; the first one's model embeds, and its fusion and threshold hold. Where the model can't be
         * opened, full text alone answers, and every answer says so.
         *
         * @throws RagException one is no bundle, a file was changed since the build, model and database don't belong together, two
         *   bundles have one name, or their models differ.
         */
        public fun open(folders: List<File>, platform: Platform, options: RagOptions = RagOptions()): Rag {
            val bundles = folders.map { Bundle.open(it, options.digests) }
            val first = bundles.first()
            together(bundles)
            val tokenizer = platform.tokenizer(first)
            val retriever = Retriever(databases(bundles, platform), first.manifest.fusion, options.sqliteVec)
            var broken: ModelException? = null
            val model = try {
                Embedder.attempt { platform.model(first) }
            } catch (error: ModelException) {
                broken = error
                null
            }
            val embedder = model?.let { Embedder(first.manifest.embedder, tokenizer, it, options.longQuestions) }
            return Rag(tokenizer, embedder, broken, retriever, first)
        }

        private fun together(bundles: List<Bundle>) {
            val first = bundles.first()
            bundles.firstOrNull { it.embedsWith() != first.embedsWith() }
                ?.let { throw MismatchException("${it.folder} was made by another model than ${first.folder}") }
            if (bundles.distinctBy { it.manifest.name }.size < bundles.size) throw MismatchException("two bundles have one name")
        }

        private fun databases(bundles: List<Bundle>, platform: Platform): Map<String, Database> {
            val opened = LinkedHashMap<String, Database>()
            try {
                for (bundle in bundles) opened[bundle.manifest.name] = database(bundle, platform)
            } catch (error: Throwable) {
                opened.values.forEach { it.close() }
                throw error
            }
            return opened
        }

        private fun database(bundle: Bundle, platform: Platform): Database {
            val sql = GuardedSql { platform.sql(bundle) }
            try {
                val database = Database(sql, bundle.text(STATEMENTS))
                val (model, dims) = bundle.manifest.modelId to bundle.manifest.embedder.dims
                if (database.modelId != model) throw MismatchException("$DATABASE was made by ${database.modelId}, the model is $model")
                if (database.dims != dims) throw MismatchException("$DATABASE has vectors of ${database.dims} dims, the model's have $dims")
                return database
            } catch (error: Throwable) {
                sql.close()
                throw error
            }
        }
    }
}
