package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.SignatureVerifier
import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateFailure
import java.security.GeneralSecurityException
import java.security.KeyFactory
import java.security.Provider
import java.security.PublicKey
import java.security.Security
import java.security.Signature
import java.security.SignatureException
import java.security.spec.X509EncodedKeySpec

private const val NAME = "Ed25519"

/** What stands before the 32 bytes in a SubjectPublicKeyInfo (RFC 8410, 4: id-Ed25519 is 1.3.101.112). */
private val HEADER = byteArrayOf(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)

/**
 * Ed25519 of the phone's system, by the first provider that has it and takes the key. `KeyFactory.getInstance` alone would do on no phone
 * before Conscrypt had it, and on some later ones ask AndroidKeyStore, which takes no key from outside (google/conscrypt#1265,
 * connectbot/cbssh#246).
 */
internal object PlatformEd25519 : SignatureVerifier {
    override fun verify(publicKey: ByteArray, message: ByteArray, signature: ByteArray): Boolean {
        val (key, verifier) = Security.getProviders().firstNotNullOfOrNull { ready(it, publicKey) } ?: throw UpdateException(
            UpdateFailure.NO_VERIFIER,
            "this phone's system verifies no Ed25519 signatures: give UpdateKey a SignatureVerifier, such as Tink's",
        )
        return try {
            verifier.initVerify(key)
            verifier.update(message)
            verifier.verify(signature)
        } catch (_: SignatureException) {
            false
        }
    }

    private fun ready(provider: Provider, raw: ByteArray): Pair<PublicKey, Signature>? {
        if (provider.getService("Signature", NAME) == null || provider.getService("KeyFactory", NAME) == null) return null
        return try {
            val key = KeyFactory.getInstance(NAME, provider).generatePublic(X509EncodedKeySpec(HEADER + raw))
            key to Signature.getInstance(NAME, provider).also { it.initVerify(key) }
        } catch (_: GeneralSecurityException) {
            null
        }
    }
}
