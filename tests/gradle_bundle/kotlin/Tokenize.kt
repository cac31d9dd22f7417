package dev.pocketrag.check

import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.tokenizer.Tokenizer
import dev.pocketrag.runtime.tokenizer.TokenizerSpec
import dev.pocketrag.runtime.tokenizer.loadTokenizer
import java.io.DataInputStream
import java.io.DataOutputStream
import java.io.File
import kotlin.random.Random

/** What tests ask of the tokenizers, one process for many questions: `tokenize`, `open`, `cut` or `damage`, and tokenizers. */
public fun main(args: Array<String>) {
    val specs = args.drop(1).map(::parse)
    when (args[0]) {
        "tokenize" -> tokenize(specs)
        "open" -> specs.forEach { println(outcome(it).ifEmpty { "opened" }) }
        "cut" -> specs.forEach { printOutcomes(it, ::cuts) }
        "damage" -> specs.forEach { printOutcomes(it, ::damages) }
    }
}

/** `kind,folder,file,bos,eos`. */
private fun parse(text: String): Pair<File, TokenizerSpec> {
    val parts = text.split(",")
    return File(parts[1]) to TokenizerSpec(parts[0], parts[2], parts[3].toIntOrNull(), parts[4].toIntOrNull())
}

private fun open(spec: Pair<File, TokenizerSpec>): Tokenizer = loadTokenizer(spec.first, spec.second)

/** Standard input: how many texts, each as its length in UTF-16 units and these. Output: for each tokenizer and text, count and ids. */
private fun tokenize(specs: List<Pair<File, TokenizerSpec>>) {
    val texts = readTexts()
    DataOutputStream(System.out.buffered()).use { out ->
        for (tokenizer in specs.map(::open)) for (text in texts) {
            val ids = tokenizer.encode(text)
            out.writeInt(ids.size)
            ids.forEach(out::writeInt)
        }
    }
}

private fun readTexts(): List<String> = DataInputStream(System.`in`.buffered()).use { input ->
    List(input.readInt()) { String(CharArray(input.readInt()) { input.readChar() }) }
}

/** Nothing where it opens, the exception's name and message where it does not; anything but a [RagException] ends the process. */
private fun outcome(spec: Pair<File, TokenizerSpec>): String = try {
    open(spec)
    ""
} catch (error: RagException) {
    "${error.javaClass.simpleName}: ${error.message}".replace(Regex("\\s+"), " ") // a message may quote the file
}

/** Opens changed copies of the file and prints each outcome; what opens must tokenize too. */
private fun printOutcomes(spec: Pair<File, TokenizerSpec>, change: (ByteArray) -> Sequence<ByteArray>) {
    val (folder, settings) = spec
    val copy = File.createTempFile("damage", "").also(File::delete)
    check(copy.mkdir())
    for (content in change(File(folder, settings.file).readBytes())) {
        File(copy, settings.file).writeBytes(content)
        println(outcome(copy to settings).ifEmpty { "opened ${open(copy to settings).encode(PROBE).joinToString(" ")}" })
    }
    copy.deleteRecursively()
}

private const val PROBE = "what if the King's bishop is on the board ?  \u00c9l\u00e9phant \ud83d\ude42 \u738b\n\n<h1>"

/** Cut off after every byte. */
private fun cuts(content: ByteArray): Sequence<ByteArray> = content.indices.asSequence().map(content::copyOf)

/** Some bytes changed at random, [ROUNDS] times. */
private fun damages(content: ByteArray): Sequence<ByteArray> {
    val random = Random(0)
    return (0 until ROUNDS).asSequence().map {
        content.copyOf().also { bad -> repeat(1 + random.nextInt(MOST_BYTES)) { bad[random.nextInt(bad.size)] = random.nextInt().toByte() } }
    }
}

private const val ROUNDS = 2000
private const val MOST_BYTES = 8
