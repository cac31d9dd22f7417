package dev.pocketrag.sample

import android.content.res.Resources

/** Those of strings.xml, in the phone's own notation of numbers. */
internal class ResourceTexts(private val resources: Resources) : Texts {
    override fun text(id: Int, vararg values: Any): String = resources.getString(id, *values)

    override fun count(id: Int, n: Int): String = resources.getQuantityString(id, n, n)
}
