package dev.pocketrag.answer.engine

import dev.pocketrag.answer.GeneratorPrompt
import java.io.File
import java.io.IOException
import java.security.MessageDigest
import org.json.JSONException
import org.json.JSONObject

private const val CONTRACT = 1
private const val SPEC = "generator.json"
private const val BLOCK = 1 shl 20

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
        if (model.length() != bytes || digest() != sha256) throw GeneratorException("$model: damaged; fetch the generator again.")
    }

    private fun digest(): String {
        val digest = MessageDigest.getInstance("SHA-256")
        val block = ByteArray(BLOCK)
        model.inputStream().use { stream ->
            generateSequence { stream.read(block).takeIf { it >= 0 } }.forEach { digest.update(block, 0, it) }
        }
        return digest.digest().joinToString("") { "%02x".format(it) }
    }

    companion object {
        /** @throws GeneratorException it is missing, damaged, or of another contract. */
        fun read(folder: File): Spec = try {
            of(folder, JSONObject(File(folder, SPEC).readText()))
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
                model = File(folder, "generator.litertlm"),
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
