package dev.pocketrag.runtime.tokenizer

import dev.pocketrag.runtime.UnsupportedTokenizerException
import java.util.Locale

/**
 * What a `tokenizer.model` says (sentencepiece_model.proto): its pieces and how text is prepared for them.
 *
 * Only BPE without rewriting of characters; the rest is refused, since other ids than the desktop's would be worse than none.
 */
internal class SentencePieceModel(
    val pieces: PieceTable,
    /** By id: 0 for the piece that is merged first; equal scores share a rank. -1 where a piece comes from no merge. */
    val ranks: IntArray,
    val userDefined: PrefixTrie,
    val unknown: Int,
    /** The ids of the bytes 0 to 255, or null where unknown characters stay unknown. */
    val bytes: IntArray?,
    val spaces: SpaceRules,
) {
    /** Characters between which a merge may be: between all others a text falls into parts that know nothing of each other. */
    val neighbours: NeighbourSet = pieces.neighbours { ranks[it] >= 0 }
}

/** The fields of `NormalizerSpec` and `TrainerSpec` that say what becomes of spaces, with their defaults. */
internal class SpaceRules {
    var addDummyPrefix = true
    var removeExtra = true
    var escape = true
    var asSuffix = false
}

/** As many as the agenda's keys have room for ([Merging]); Gemma has 262 144. */
internal const val MOST_PIECES = 1 shl 20

/** Also for the keys' sake. Gemma's longest piece has 31 characters. */
internal const val LONGEST_PIECE = 0x7FFF

private const val BYTES = 256

private const val BPE = "BPE"

/** `TrainerSpec.ModelType`, from 1 on. */
private val MODEL_NAMES = listOf("Unigram", BPE, "Word", "Char")

/** `SentencePiece.Type`: a piece that merges make, and those that come from none. */
private const val NORMAL = 1
private const val UNKNOWN = 2
private const val USER_DEFINED = 4
private const val UNUSED = 5
private const val BYTE = 6

internal fun readSentencePieceModel(file: String, content: ByteArray): SentencePieceModel = ModelReader(file, content).read()

private class ModelReader(private val file: String, content: ByteArray) {
    private val proto = ProtoReader(file, content, 0, content.size)
    private val builder = PieceTable.Builder()
    private val types = IntList()
    private val scores = IntList()
    private var modelType = 1L // the default of the .proto file
    private var hasTrainer = false
    private var byteFallback = false
    private val spaces = SpaceRules()
    private var hasSpaces = false

    fun read(): SentencePieceModel {
        while (proto.next()) when (proto.field) {
            1 -> readPiece(proto.message())
            2 -> readTrainer(proto.message())
            3 -> readNormalizer(proto.message())
            else -> proto.skip()
        }
        checkTrainer()
        if (!hasSpaces) throw proto.corrupt("it has no normalizer: it was cut off")
        val pieces = builder.build()
        if (pieces.duplicate >= 0) throw proto.corrupt("the piece \"${pieces[pieces.duplicate]}\" is there twice")
        if (pieces.longest > LONGEST_PIECE) throw proto.corrupt("a piece has ${pieces.longest} characters")
        val own = ofType(USER_DEFINED).map { pieces[it] to it }
        val unknown = ofType(UNKNOWN).singleOrNull() ?: throw proto.corrupt("not one unknown piece")
        return SentencePieceModel(pieces, ranks(), PrefixTrie(own), unknown, bytes(pieces), spaces)
    }

    /** The ids of the pieces of a type. */
    private fun ofType(type: Int): List<Int> = (0 until types.size).filter { types[it] == type }

    private fun readPiece(piece: ProtoReader) {
        var text: CharSequence = ""
        var score = 0f
        var type = NORMAL.toLong()
        while (piece.next()) when (piece.field) {
            1 -> text = piece.string()
            2 -> score = piece.float()
            3 -> type = piece.number()
            else -> piece.skip()
        }
        if (text.isEmpty()) throw piece.corrupt("piece ${types.size} is empty")
        if (score.isNaN()) throw piece.corrupt("the score of piece ${types.size} is no number")
        if (types.size == MOST_PIECES) throw unsupported("more than $MOST_PIECES pieces")
        if (type !in NORMAL..BYTE) throw piece.corrupt("piece ${types.size} has the type $type")
        types.add(type.toInt())
        scores.add((score + 0f).toRawBits()) // + 0: one zero
        builder.add(text)
    }

    private fun readTrainer(trainer: ProtoReader) {
        hasTrainer = true
        while (trainer.next()) when (trainer.field) {
            3 -> modelType = trainer.number()
            24 -> spaces.asSuffix = trainer.flag()
            35 -> byteFallback = trainer.flag()
            else -> trainer.skip()
        }
    }

    private fun readNormalizer(normalizer: ProtoReader) {
        hasSpaces = true
        while (normalizer.next()) when (normalizer.field) {
            2 -> if (normalizer.message().size > 0) throw unsupported("a normalizer that rewrites characters")
            3 -> spaces.addDummyPrefix = normalizer.flag()
            4 -> spaces.removeExtra = normalizer.flag()
            5 -> spaces.escape = normalizer.flag()
            else -> normalizer.skip()
        }
    }

    private fun checkTrainer() {
        if (!hasTrainer) throw proto.corrupt("it has no trainer's settings: it was cut off")
        if (modelType !in 1..MODEL_NAMES.size) throw proto.corrupt("the model type $modelType is none")
        val name = MODEL_NAMES[modelType.toInt() - 1]
        if (name != BPE) throw unsupported("the model type $name")
        if (ofType(UNUSED).isNotEmpty()) throw unsupported("unused pieces")
    }

    /** Ranks the pieces that a merge may give, the highest score first. */
    private fun ranks(): IntArray {
        val rising = (ofType(NORMAL) + ofType(USER_DEFINED)).sortedWith { a, b -> score(b).compareTo(score(a)) }
        val ranks = IntArray(types.size) { -1 }
        for ((at, id) in rising.withIndex()) {
            val before = if (at > 0) rising[at - 1] else -1
            ranks[id] = if (before >= 0 && scores[before] == scores[id]) ranks[before] else at
        }
        return ranks
    }

    private fun score(id: Int): Float = Float.fromBits(scores[id])

    private fun bytes(pieces: PieceTable): IntArray? {
        val named = ofType(BYTE).associateBy { pieces[it] }
        if (!byteFallback) {
            if (named.isNotEmpty()) throw proto.corrupt("it has byte pieces without byte fallback")
            return null
        }
        return IntArray(BYTES) { byte ->
            named["<0x%02X>".format(Locale.ROOT, byte)] ?: throw proto.corrupt("the piece of byte $byte is missing")
        }
    }

    private fun unsupported(feature: String) = UnsupportedTokenizerException(file, feature)
}
