package dev.pocketrag.runtime

import java.io.Closeable
import java.io.File

/** How a bundle is opened on this platform. */
public interface Platform {
    /** Opens an encoder's `.tflite`; what it throws makes the next encoder answer, or full text alone. */
    public fun model(bundle: Bundle, encoder: Encoder): EmbeddingModel

    /** Opens `corpus.db` read-only. */
    public fun sql(bundle: Bundle): Sql

    /** Opens an encoder's tokenizer; throws a [RagException] where its kind is unknown or its file no tokenizer. */
    public fun tokenizer(bundle: Bundle, encoder: Encoder): Tokenizer
}

/** What an app may choose. */
public data class RagOptions(
    public val longQuestions: LongQuestions = LongQuestions.REFUSE,
    /** Compare the SHA-256 of every file on opening, as the desktop does; without, sizes only. */
    public val digests: Boolean = true,
    /** Let sqlite-vec find the candidates where the database has its table; its extension must be loaded by [Platform.sql]. */
    public val sqliteVec: Boolean = false,
    /**
     * The first encoder that is asked; [Role.FALLBACK] never opens the main one, for phones that have not the memory for it. A bundle
     * without a fallback starts at its main encoder.
     */
    public val start: Role = Role.MAIN,
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
    private val encoders: Encoders,
    private val retriever: Retriever,
    private val bundle: Bundle,
) : Closeable {
    public val manifest: Manifest = bundle.manifest
    private val lock = Any()
    private var closed = false

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
    public fun search(question: String, limit: Int = 10, mode: Mode? = null, where: Where? = null, threshold: Double? = null): Answer =
        alone {
            if (limit < 1) throw BadRequestException("limit $limit: must be at least 1.")
            if (question.all(::isPythonSpace)) throw BadRequestException("the question is empty.")
            val tried = encoders.question(question, mode)
            val encoder = tried.encoder ?: encoders.first
            val how = encoder.fusion.copy(mode = if (tried.value == null) Mode.BM25 else mode ?: encoder.fusion.mode)
            val found = retriever.rank(question, tried.value, limit, how, where)
            val hits = hits(found, limit)
            val nothing = if (hits.isEmpty()) retriever.whyNothing(question, where) else null
            val best = found.dense.firstOrNull()?.score
            Answer(question, how.mode, hits, tried.fellBack, best, threshold ?: encoder.threshold, nothing, tried.encoder?.name)
        }

    /**
     * Returns a question's vector, float32 [dims], unit length, by the first encoder that can be used.
     *
     * @throws ModelException none can.
     * @throws QuestionTooLongException unless long questions are cut.
     */
    public fun embed(question: String): FloatArray = alone { encoders.question(question, Mode.DENSE).orThrow() }

    /**
     * Returns (passage id, cosine) for a question's vector float32 [dims], best first.
     *
     * @throws BadRequestException it has another size, or is no vector.
     */
    public fun nearest(vector: FloatArray, limit: Int): List<Ranked> = alone {
        val dims = manifest.embedder.dims
        if (vector.size != dims) throw BadRequestException("a vector of ${vector.size} numbers; give $dims.")
        if (!isVector(vector)) throw BadRequestException("a vector of NaN, infinity or zeros: give what embed() returned.")
        retriever.nearest(vector, maxOf(limit, 0), null)
    }

    /** Returns the passage of a ranking's id. */
    public fun passage(id: String): Passage = alone { retriever.find(id).second }

    /** Returns an answer's passages with their sections or neighbours, nothing twice, within so many tokens of the encoder asked first. */
    public fun context(answer: Answer, tokens: Int): List<Block> =
        alone { Context(retriever.databases) { encoders.tokenizer.encode(it).size }.blocks(answer.hits, tokens) }

    /**
     * Compares this phone with the first bundle's golden files, of every encoder from [RagOptions.start] on; takes some seconds and
     * opens them all.
     */
    public fun selfTest(): SelfTestResult = alone {
        val alone = retriever.first()
        SelfTestResult(manifest.modelId, encoders.all.flatMap { one ->
            val golden = one.encoder.golden
            SelfTest(manifest, one.encoder, parseGolden(golden, bundle.text(golden)), alone).run { one.get() }
        })
    }

    /** The first encoder that can be used, for adapters; [work] is done again where one fails. @throws ModelException none can. */
    public fun <T : Any> withEmbedder(work: (Embedder) -> T): T = alone { encoders.first(Mode.DENSE, work).orThrow() }

    override fun close(): Unit = synchronized(lock) {
        if (!closed) {
            closed = true
            retriever.close()
            encoders.close()
        }
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
         * Opens bundles of one model; the first one's encoders embed, and their fusion and threshold hold. The first encoder is opened
         * now, the next when it is needed. Where none can be, full text alone answers, and every answer says so.
         *
         * @throws RagException one is no bundle, a file was changed since the build, model and database don't belong together, two
         *   bundles have one name, or their models differ.
         */
        public fun open(folders: List<File>, platform: Platform, options: RagOptions = RagOptions()): Rag {
            val bundles = folders.map { Bundle.open(it, options.digests) }
            val first = bundles.first()
            together(bundles)
            val encoders = Encoders(first, platform, options)
            val retriever = Retriever(databases(bundles, platform), options.sqliteVec)
            encoders.openFirst()
            return Rag(encoders, retriever, first)
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
