package dev.pocketrag.runtime

import dev.pocketrag.runtime.install.Sha256
import dev.pocketrag.runtime.update.PlatformEd25519
import java.util.Base64

/** Verifies Ed25519 signatures (RFC 8032) where the phone's system does not: such as Tink's `Ed25519Verify`. */
public fun interface SignatureVerifier {
    /**
     * Whether [signature] (64 bytes) is of exactly this [message].
     *
     * @param publicKey the raw 32 bytes.
     */
    public fun verify(publicKey: ByteArray, message: ByteArray, signature: ByteArray): Boolean
}

/**
 * Whose updates an app takes: the public half of the key that signs them.
 *
 * No version of Android promises Ed25519: it came to Conscrypt in January 2025, which phones from Android 10 on get by Google Play's
 * system updates. Where the system has none, an update ends with [UpdateFailure.NO_VERIFIER], unless there is a [verifier].
 *
 * @param base64 the raw 32 bytes of the public key, as `pocketrag key` prints them.
 * @param verifier verifies in place of the system.
 * @throws IllegalArgumentException it is no such key: the app was built with a wrong one.
 */
public class UpdateKey @JvmOverloads constructor(base64: String, private val verifier: SignatureVerifier? = null) {
    private val raw: ByteArray = Base64.getDecoder().decode(base64)

    init {
        if (raw.size != BYTES) throw IllegalArgumentException("a public key of ${raw.size} bytes; Ed25519's have $BYTES.")
    }

    /** The first 16 hex digits of its SHA-256: what deltas and channels name it by. */
    public val id: String = Sha256.of(raw).take(DIGITS)

    /** @throws UpdateException nothing here verifies Ed25519. */
    internal fun signed(message: ByteArray, signature: ByteArray): Boolean =
        signature.size == SIGNATURE && (verifier ?: PlatformEd25519).verify(raw.clone(), message, signature)

    private companion object {
        /** RFC 8032, 5.1.5 and 5.1.6. */
        private const val BYTES = 32
        private const val SIGNATURE = 64
        private const val DIGITS = 16
    }
}
