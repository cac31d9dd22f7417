package dev.pocketrag.runtime.tokenizer

/** Numbers without boxes, as many as come: token ids, code points. */
internal class IntList(capacity: Int = 16) {
    var values: IntArray = IntArray(maxOf(capacity, 4))
        private set
    var size: Int = 0
        private set

    fun add(value: Int) {
        if (size == values.size) values = values.copyOf(size * 2)
        values[size++] = value
    }

    operator fun get(at: Int): Int = values[at]

    fun truncate(count: Int) {
        size = count
    }

    fun toArray(): IntArray = values.copyOf(size)
}

/** Long numbers, of which the smallest comes first (a binary heap). */
internal class LongHeap(capacity: Int) {
    private var values = LongArray(maxOf(capacity, 16))
    private var size = 0

    fun isNotEmpty(): Boolean = size > 0

    fun push(value: Long) {
        if (size == values.size) values = values.copyOf(size * 2)
        var at = size++
        while (at > 0) {
            val parent = (at - 1) / 2
            if (values[parent] <= value) break
            values[at] = values[parent]
            at = parent
        }
        values[at] = value
    }

    fun pop(): Long {
        val top = values[0]
        val last = values[--size]
        var at = 0
        while (2 * at + 1 < size) {
            var child = 2 * at + 1
            if (child + 1 < size && values[child + 1] < values[child]) child++
            if (values[child] >= last) break
            values[at] = values[child]
            at = child
        }
        values[at] = last
        return top
    }
}
