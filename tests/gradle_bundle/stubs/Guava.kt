// What the adapters use of Guava (com.google.common.collect), as much of it as runs on the JVM: guava.dev/releases/33.0.0-android/api/docs,
// ImmutableList and ImmutableMap there.
package com.google.common.collect

public class ImmutableList<E> private constructor(private val rows: List<E>) : AbstractList<E>() {
    override val size: Int
        get() = rows.size

    override fun get(index: Int): E = rows[index]

    public companion object {
        @JvmStatic
        public fun <E> of(): ImmutableList<E> = ImmutableList(emptyList())

        @JvmStatic
        public fun <E> copyOf(elements: Collection<E>): ImmutableList<E> = ImmutableList(elements.toList())
    }
}

public class ImmutableMap<K, V> private constructor(private val rows: Map<K, V>) : AbstractMap<K, V>() {
    override val entries: Set<Map.Entry<K, V>>
        get() = rows.entries

    public companion object {
        @JvmStatic
        public fun <K, V> copyOf(map: Map<K, V>): ImmutableMap<K, V> = ImmutableMap(map.toMap())
    }
}
