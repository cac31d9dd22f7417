package dev.pocketrag.answer.engine

import dev.pocketrag.answer.GeneratorPrompt
import dev.pocketrag.answer.TierFile
import java.io.File
import java.io.IOException
import org.json.JSONException
import org.json.JSONObject

private const val CONTRACT = 1
private const val SPEC = "generator.json"
private const val MODEL = "generator.litertlm"

/** Why a generator can't be used; the message says what to do. */
internal class GeneratorException(message: String, cause: Throwable? = null) : RuntimeException(message, cause)

/** `generator.json`, as far as the phone needs it, and the model beside it. */
internal class Spec(
    val model: File,
    val sha256: String,
    val bytes: Long,
    val prompt: GeneratorPrompt,
    val budget: Int,
    val answerTokens: Int,
    val maxTokens: Int,
) {
    /** Compares the model's digest, which takes about a second for each 500 MB. */
    fun verify() {
        if (model.length() != bytes || sha256(model) != sha256) throw GeneratorException("$model: damaged; fetch the generator again.")
    }

    companion object {
        /**
         * Reads a generator's folder.
         *
         * @param files what the tier that ships it says of its files; null where no tiers are told.
         * @throws GeneratorException it is missing, damaged, of another contract, or not the one that ships.
         */
        fun read(folder: File, files: Map<String, TierFile>? = null): Spec = try {
            val bytes = File(folder, SPEC).readBytes()
            val spec = of(folder, JSONObject(bytes.decodeToString()))
            val right = files == null || (sha256(bytes) == files[SPEC]?.sha256 && spec.sha256 == files[MODEL]?.sha256)
            if (right) spec else throw GeneratorException("$folder: not the generator that the tiers let ship; fetch it again.")
        } catch (error: IOException) {
            throw GeneratorException("${File(folder, SPEC)}: ${error.message}; fetch the generator.", error)
        } catch (error: JSONException) {
            throw GeneratorException("${File(folder, SPEC)}: ${error.message}; fetch the generator again.", error)
        }

        private fun of(folder: File, json: JSONObject): Spec {
            val contract = json.getInt("contract")
            if (contract != CONTRACT) throw GeneratorException("$folder: contract $contract; this library reads $CONTRACT.")
            val prompt = json.getJSONObject("prompt")
            val file = json.getJSONObject("file")
            return Spec(
                model = File(folder, MODEL),
                sha256 = file.getString("sha256"),
                bytes = file.getLong("bytes"),
                prompt = GeneratorPrompt(
                    prompt.getString("system"), prompt.getString("passage"), prompt.getString("user"), prompt.getString("refusal"),
                ),
                budget = json.getInt("budget"),
                answerTokens = json.getInt("answer_tokens"),
                maxTokens = json.getInt("max_tokens"),
            )
        }
    }
}
