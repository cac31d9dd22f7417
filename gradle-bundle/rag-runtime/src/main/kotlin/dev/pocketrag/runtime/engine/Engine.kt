package dev.pocketrag.runtime.engine

import dev.pocketrag.runtime.Answer
import dev.pocketrag.runtime.BadRequestException
import dev.pocketrag.runtime.Block
import dev.pocketrag.runtime.Hit
import dev.pocketrag.runtime.Manifest
import dev.pocketrag.runtime.MismatchException
import dev.pocketrag.runtime.Mode
import dev.pocketrag.runtime.Passage
import dev.pocketrag.runtime.RagOptions
import dev.pocketrag.runtime.Ranked
import dev.pocketrag.runtime.SelfTestResult
import dev.pocketrag.runtime.Where
import dev.pocketrag.runtime.encoder.Encoders
import dev.pocketrag.runtime.encoder.SelfTest
import dev.pocketrag.runtime.encoder.golden
import dev.pocketrag.runtime.encoder.isVector
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.install.DATABASE
import dev.pocketrag.runtime.install.STATEMENTS
import dev.pocketrag.runtime.search.Blocks
import dev.pocketrag.runtime.search.Database
import dev.pocketrag.runtime.search.GuardedSql
import dev.pocketrag.runtime.search.Rankings
import dev.pocketrag.runtime.search.Retriever
import dev.pocketrag.runtime.text.isPythonSpace
import java.io.Closeable

/** Opened bundles; what [Rag] can do, for one thread. Each call is given a check that throws where nobody waits for its result. */
internal class Engine private constructor(
    private val encoders: Encoders,
    private val retriever: Retriever,
    private val bundle: Bundle,
) : Closeable {
    val manifest: Manifest = bundle.manifest

    fun search(question: String, limit: Int, mode: Mode?, where: Where?, threshold: Double?, check: () -> Unit): Answer {
        if (limit < 1) throw BadRequestException("limit $limit: must be at least 1.")
        if (question.all(::isPythonSpace)) throw BadRequestException("the question is empty.")
        val tried = encoders.question(question, mode, check)
        val encoder = tried.encoder ?: encoders.first
        val how = encoder.fusion.copy(mode = if (tried.value == null) Mode.BM25 else mode ?: encoder.fusion.mode)
        val found = retriever.rank(question, tried.value, limit, how, where, check)
        check()
        val hits = hits(found, limit)
        val nothing = if (hits.isEmpty()) retriever.whyNothing(question, where) else null
        val best = found.dense.firstOrNull()?.score
        val least = threshold ?: encoder.threshold
        val ran = tried.ran
        return Answer(
            question, how.mode, hits, tried.fellBack, best, least, nothing, tried.encoder?.name, ran?.accelerator, ran?.whyCpu,
            manifest.version, manifest.modelId,
        )
    }

    fun embed(question: String, check: () -> Unit): FloatArray = encoders.question(question, Mode.DENSE, check).orThrow()

    fun embedPassage(title: String, text: String, check: () -> Unit): FloatArray =
        encoders.first(Mode.DENSE, check) { it.passage(title, text) }.orThrow()

    fun nearest(vector: FloatArray, limit: Int, check: () -> Unit): List<Ranked> {
        val dims = manifest.embedder.dims
        if (vector.size != dims) throw BadRequestException("a vector of ${vector.size} numbers; give $dims.")
        if (!isVector(vector)) throw BadRequestException("a vector of NaN, infinity or zeros: give what embed() returned.")
        return retriever.nearest(vector, maxOf(limit, 0), null, check)
    }

    fun passage(id: String): Passage = retriever.find(id).second

    fun context(answer: Answer, tokens: Int, check: () -> Unit): List<Block> =
        Blocks(retriever.databases) { countTokens(it, check) }.blocks(answer.hits, tokens)

    fun countTokens(text: String, check: () -> Unit): Int {
        check()
        return encoders.tokenizer.encode(text).size
    }

    fun selfTest(check: () -> Unit): SelfTestResult {
        val alone = retriever.first()
        return SelfTestResult(manifest.modelId, encoders.all.flatMap { one ->
            SelfTest(one.encoder, bundle.golden(one.encoder), alone, check).run { one.get() }
        })
    }

    override fun close(): Unit = encoders.use { retriever.close() }

    private fun hits(found: Rankings, limit: Int): List<Hit> {
        val dense = places(found.dense)
        val lexical = places(found.lexical)
        return found.ranked.take(limit).mapIndexed { i, (key, score) ->
            val (corpus, passage) = retriever.find(key)
            val cosine = dense[key]?.let { found.dense[it - 1].score }
            Hit(i + 1, score, dense[key], lexical[key], cosine, corpus, passage)
        }
    }

    private fun places(list: List<Ranked>): Map<String, Int> = list.withIndex().associate { (i, one) -> one.id to i + 1 }

    companion object {
        /**
         * Opens bundles of one model; the first one's encoders embed. The first encoder is opened now, the next when it is needed.
         *
         * @throws RagException model and database don't belong together, two bundles have one name, or their models differ.
         */
        fun open(bundles: List<Bundle>, platform: Platform, options: RagOptions, check: () -> Unit): Engine {
            if (bundles.isEmpty()) throw BadRequestException("no bundle was named.")
            val first = bundles.first()
            together(bundles)
            val encoders = Encoders(first, platform, options)
            val databases = databases(bundles, platform, check)
            try {
                val engine = Engine(encoders, Retriever(databases, options.sqliteVec), first)
                check()
                encoders.openFirst()
                check()
                return engine
            } catch (error: Throwable) {
                databases.values.forEach { it.close() }
                encoders.close()
                throw error
            }
        }

        private fun together(bundles: List<Bundle>) {
            val first = bundles.first()
            bundles.firstOrNull { it.embedsWith() != first.embedsWith() }
                ?.let { throw MismatchException("${it.folder} was made by another model than ${first.folder}") }
            if (bundles.distinctBy { it.manifest.name }.size < bundles.size) throw MismatchException("two bundles have one name")
        }

        private fun databases(bundles: List<Bundle>, platform: Platform, check: () -> Unit): Map<String, Database> {
            val opened = LinkedHashMap<String, Database>()
            try {
                for (bundle in bundles) {
                    check()
                    opened[bundle.manifest.name] = database(bundle, platform)
                }
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
                val (model, dims) = bundle.manifest.vectorsId to bundle.manifest.embedder.dims
                if (database.modelId != model) throw MismatchException("$DATABASE was made by ${database.modelId}, not by $model")
                if (database.dims != dims) throw MismatchException("$DATABASE has vectors of ${database.dims} dims, the model's have $dims")
                return database
            } catch (error: Throwable) {
                sql.close()
                throw error
            }
        }
    }
}
