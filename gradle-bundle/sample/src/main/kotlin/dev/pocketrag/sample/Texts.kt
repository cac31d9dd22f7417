package dev.pocketrag.sample

/** The app's strings by their ids, filled in. */
internal interface Texts {
    fun text(id: Int, vararg values: Any): String

    fun count(id: Int, n: Int): String
}
