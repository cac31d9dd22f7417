package dev.pocketrag.runtime.accelerator

import dev.pocketrag.runtime.BadNpuFilesException
import dev.pocketrag.runtime.install.Keys
import org.json.JSONException
import org.json.JSONObject

internal const val NPU_SPEC: String = "npu.json"

/** The contract of `npu.json` that this runtime keeps. */
private const val CONTRACT = 1

/** Qualcomm's names of systems on a chip, as `Build.SOC_MODEL` gives them. */
private val SOC = Regex("[A-Z]{2,3}[0-9]{4}P?")

/** No separator, and no dot at its beginning. */
private val PLAIN = Regex("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

/** The file of one system on a chip: its name, its size in bytes, and its SHA-256 as 64 hex digits. */
internal class NpuFile(val name: String, val bytes: Long, val sha256: String)

/**
 * `npu.json`: what was compiled of a model for NPUs, a file a system on a chip.
 *
 * @param name of the bundle, and its [version].
 * @param model the SHA-256 of the bundle's model that these files compute.
 * @param lengths those that each file has a signature for; they rise.
 * @param files SoC -> its file.
 */
internal class NpuSpec(
    val name: String,
    val version: String,
    val model: String,
    val lengths: List<Int>,
    val files: Map<String, NpuFile>,
) {
    companion object {
        /** @throws BadNpuFilesException [text] is no `npu.json` of this contract; [place] is where it lies. */
        fun parse(text: String, place: String): NpuSpec {
            val bad = { what: String -> BadNpuFilesException(place, what) }
            val root = try {
                JSONObject(text)
            } catch (error: JSONException) {
                throw BadNpuFilesException(place, "$NPU_SPEC is no JSON object (${error.message})", error)
            } catch (error: StackOverflowError) {
                throw BadNpuFilesException(place, "$NPU_SPEC is JSON within JSON, too deep", error)
            }
            val contract = root.opt("contract")
            if (contract != CONTRACT) throw bad("$NPU_SPEC has contract $contract, this runtime reads $CONTRACT")
            return Keys(root, "") { bad("$NPU_SPEC: $it") }.spec(bad)
        }

        private fun Keys.spec(bad: (String) -> BadNpuFilesException): NpuSpec {
            val files = part("files")
            files.names().firstOrNull { !SOC.matches(it) }?.let { throw bad("$NPU_SPEC: \"$it\" is no name of a SoC") }
            return NpuSpec(
                name = text("name"),
                version = text("version"),
                model = sha256("model"),
                lengths = wholes("lengths").also { if (it.isEmpty() || it != it.distinct().sorted()) wrong("lengths", "must rise") },
                files = files.names().associateWith { files.part(it).file() },
            )
        }

        private fun Keys.file(): NpuFile {
            val name = text("file")
            if (!PLAIN.matches(name)) wrong("file", "leaves the folder")
            return NpuFile(name, long("bytes"), sha256("sha256"))
        }
    }
}
