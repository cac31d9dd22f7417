package dev.pocketrag.runtime.accelerator

import dev.pocketrag.runtime.Accelerator
import dev.pocketrag.runtime.Digests
import dev.pocketrag.runtime.Encoder
import dev.pocketrag.runtime.RagException
import dev.pocketrag.runtime.encoder.Agreement
import dev.pocketrag.runtime.encoder.EmbeddingModel
import dev.pocketrag.runtime.encoder.agreement
import dev.pocketrag.runtime.encoder.attempt
import dev.pocketrag.runtime.encoder.golden
import dev.pocketrag.runtime.encoder.reason
import dev.pocketrag.runtime.install.Bundle
import dev.pocketrag.runtime.install.fileName
import java.io.File

/** What an NPU's float16 must keep of the float model, as the gate `npu_parity` asks of the emulated one. */
private val ON_NPU = Agreement(mean = 0.999, least = 0.998)

/** What an accelerator is to run, and what it is proved by. */
private class Candidate(val file: File, val sha256: String, val lengths: List<Int>, val proof: Proof, val compare: () -> Unit = {})

/**
 * Opens an encoder on the accelerator that the app asked for, if it passed the golden texts on this very phone; on the CPU otherwise, which
 * then says why.
 *
 * @param storage private storage of the app's own.
 */
internal class Acceleration(
    private val bundle: Bundle,
    private val encoder: Encoder,
    private val phone: Phone,
    private val storage: File,
    private val digests: Digests,
) {
    /**
     * @param fast opens a file on the accelerator, with the libraries in a folder.
     * @param cpu opens the encoder's own on the CPU.
     */
    fun open(asked: Accelerator, fast: (File, String) -> EmbeddingModel, cpu: () -> EmbeddingModel): EmbeddingModel =
        try {
            val what = attempt { candidate(asked) }
            Accelerated(proven(asked, what, fast), what.lengths, pad, null, cpu)
        } catch (first: RagException) {
            val alone = Accelerated(null, emptyList(), pad, "$asked is not used: ${first.reason}", cpu)
            try {
                alone.apply { opened() }
            } catch (second: Throwable) {
                throw second.apply { addSuppressed(first) }
            }
        }

    private fun candidate(asked: Accelerator): Candidate = if (asked == Accelerator.NPU) compiled() else itself()

    /** The bundle's own model, whose digest was compared; it must give what it gives on another CPU. */
    private fun itself(): Candidate {
        val proof = Proof(texts(), encoder.spec.lengths, pad, agreement(encoder.spec.quantization)) { it.shipped }
        return Candidate(bundle.model(encoder), bundle.digest(encoder), encoder.spec.lengths, proof)
    }

    /** What was compiled for this phone; its arithmetic is nearer to the float model than to the CPU's int8. */
    private fun compiled(): Candidate {
        val files = NpuFiles.read(bundle, encoder)
        val (file, wanted) = files.file(phone, File(storage, fileName(bundle.manifest.name + NPU)))
        val proof = Proof(texts(), files.spec.lengths, pad, ON_NPU) { it.twin }
        return Candidate(file, wanted.sha256, files.spec.lengths, proof) { files.compare(file, wanted) }
    }

    private val pad = encoder.spec.tokenizer.pad

    private fun texts() = bundle.golden(encoder).texts

    private fun proven(asked: Accelerator, candidate: Candidate, fast: (File, String) -> EmbeddingModel): EmbeddingModel {
        val trial = trial(asked, candidate)
        trial.begin()
        val model = try {
            if (!trial.passed || digests == Digests.ALWAYS) candidate.compare()
            attempt { fast(candidate.file, phone.libraries) }
        } catch (error: RagException) {
            trial.forget()
            throw error
        }
        try {
            prove(model, candidate.proof, trial)
        } catch (error: Throwable) {
            model.close()
            throw error
        }
        return model
    }

    private fun prove(model: EmbeddingModel, proof: Proof, trial: Trial) {
        try {
            attempt { if (trial.passed) proof.glance(model) else proof.hold(model) }
        } catch (error: RagException) {
            // What a driver threw may be gone next time; a wrong vector will not be.
            if (error.cause == null) trial.refuse(error.reason) else trial.forget()
            throw error
        }
        trial.pass()
    }

    private fun trial(asked: Accelerator, candidate: Candidate): Trial {
        val file = candidate.file.run { "${length()} ${lastModified()}" }
        val state = listOf(phone.state, phone.soc.orEmpty(), bundle.manifest.modelId, candidate.sha256, file)
        val name = fileName("${bundle.manifest.name}-${encoder.name}-$asked")
        return Trial(File(storage.path + ".tried", name), state.joinToString("\n"))
    }
}
