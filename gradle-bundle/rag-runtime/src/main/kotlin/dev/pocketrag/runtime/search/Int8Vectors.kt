package dev.pocketrag.runtime.search

import dev.pocketrag.runtime.Ranked
import kotlin.math.abs
import kotlin.math.round

/** What the largest magnitude becomes. */
private const val LEVELS = 127.0

/** Above so many passages the first stage keeps [CANDIDATES] (docs/index.md, "How it grows"). */
internal const val BRUTE: Int = 20_000
internal const val CANDIDATES: Int = 4_000

/** A question's vector in int8 with its own scale, which moves no rank. */
internal class Quantized(vector: FloatArray) {
    val scale: Double = vector.maxOf { abs(it) }.toDouble() / LEVELS
    /** Half to even, as numpy rounds. */
    val bytes: ByteArray = ByteArray(vector.size) { round(vector[it] / scale).coerceIn(-LEVELS, LEVELS).toInt().toByte() }
}

/**
 * The passages' int8 vectors in memory, and the nearest of them: by brute force, and where there are many, in two stages.
 *
 * @param ids rising by UTF-8 bytes, as statement `vectors` gives them; ties in score are broken by them.
 * @param rows int8 [n, dims], row after row.
 * @param scale what one step is worth.
 */
internal class Int8Vectors(
    private val ids: List<String>,
    private val rows: ByteArray,
    private val dims: Int,
    private val scale: Double,
    brute: Int = BRUTE,
    private val candidates: Int = CANDIDATES,
) {
    private val words = (dims + Long.SIZE_BITS - 1) / Long.SIZE_BITS
    private val bits: LongArray? = if (ids.size > brute) signs(rows, ids.size) else null

    /** Returns the best [limit] passages for a question float32 [dims] of unit length, the score an approximate cosine. */
    fun nearest(question: FloatArray, limit: Int, allowed: Set<String>? = null): List<Ranked> {
        val query = Quantized(question)
        var places = places(allowed)
        if (bits != null && (places == null || places.size > candidates)) {
            places = nearestBits(bits, query.bytes, places, maxOf(limit, candidates))
        }
        return best(query, places, limit)
    }

    private fun places(allowed: Set<String>?): IntArray? = allowed?.let { ids.indices.filter { i -> ids[i] in it }.toIntArray() }

    private fun best(query: Quantized, places: IntArray?, limit: Int): List<Ranked> {
        val count = places?.size ?: ids.size
        val top = Top(minOf(limit, count))
        for (k in 0 until count) {
            val i = places?.get(k) ?: k
            top.offer(product(query.bytes, i), i)
        }
        return top.sorted().map { (product, i) -> Ranked(ids[i], product * query.scale * scale) }
    }

    private fun product(query: ByteArray, row: Int): Int {
        var sum = 0
        val start = row * dims
        for (d in 0 until dims) sum += query[d] * rows[start + d]
        return sum
    }

    /** Returns the [keep] places whose signs differ from the question's in the fewest dims, rising; of equals the first. */
    private fun nearestBits(bits: LongArray, query: ByteArray, places: IntArray?, keep: Int): IntArray {
        val asked = signs(query, 1)
        val from = places ?: IntArray(ids.size) { it }
        val distances = IntArray(from.size) { k -> distance(bits, from[k] * words, asked) }
        val counts = IntArray(dims + 1)
        for (distance in distances) counts[distance]++
        // The first distance at which enough are found; of those at it, only as many as are missing.
        var cut = 0
        var below = 0
        while (cut < dims && below + counts[cut] < keep) below += counts[cut++]
        var missing = keep - below
        return from.filterIndexed { k, _ -> distances[k] < cut || distances[k] == cut && missing-- > 0 }.toIntArray()
    }

    private fun distance(bits: LongArray, start: Int, asked: LongArray): Int {
        var sum = 0
        for (w in 0 until words) sum += java.lang.Long.bitCount(bits[start + w] xor asked[w])
        return sum
    }

    /** Returns the signs of int8 [count, dims], one bit a dim, 1 where a number is above 0. */
    private fun signs(rows: ByteArray, count: Int): LongArray = LongArray(count * words) { word ->
        val first = word % words * Long.SIZE_BITS
        val start = word / words * dims
        var bits = 0L
        // The sign bit of -x is 1 where x is above 0.
        for (d in first until minOf(first + Long.SIZE_BITS, dims)) bits = bits shl 1 or (-rows[start + d] ushr Int.SIZE_BITS - 1).toLong()
        bits
    }
}

/** The highest [limit] scores of many, of equals the lowest place: a heap whose root is the worst that is kept. */
internal class Top(private val limit: Int) {
    private val heap = LongArray(limit)
    private var size = 0

    /** Takes a score and its place, at least 0. */
    fun offer(score: Int, place: Int) {
        // As one number, a higher score is more, and at equal scores an earlier place.
        val key = (score.toLong() shl Int.SIZE_BITS) or (Int.MAX_VALUE - place).toLong()
        if (size < limit) {
            rise(key)
        } else if (limit > 0 && key > heap[0]) {
            sink(key)
        }
    }

    /** Returns (score, place), best first. */
    fun sorted(): List<Pair<Int, Int>> =
        heap.copyOf(size).sortedDescending().map { (it shr Int.SIZE_BITS).toInt() to Int.MAX_VALUE - it.toInt() }

    private fun rise(key: Long) {
        var i = size++
        while (i > 0 && heap[(i - 1) / 2] > key) {
            heap[i] = heap[(i - 1) / 2]
            i = (i - 1) / 2
        }
        heap[i] = key
    }

    private fun sink(key: Long) {
        var i = 0
        while (true) {
            var child = 2 * i + 1
            if (child + 1 < size && heap[child + 1] < heap[child]) child++
            if (child >= size || heap[child] >= key) break
            heap[i] = heap[child]
            i = child
        }
        heap[i] = key
    }
}
