package dev.pocketrag.runtime.update

import dev.pocketrag.runtime.UpdateException
import dev.pocketrag.runtime.UpdateFailure
import dev.pocketrag.runtime.UpdateKey
import dev.pocketrag.runtime.install.CONTRACT
import dev.pocketrag.runtime.install.Keys
import org.json.JSONException
import org.json.JSONObject

/** Of `delta.json` and of `channel.json`, in bytes. */
internal const val LARGEST_JSON: Int = 1 shl 20

/** The only format of deltas and channels that there is yet. */
private const val FORMAT = 1

/** @throws UpdateException it is no JSON object. */
internal fun keys(json: String, file: String): Keys =
    try {
        Keys(JSONObject(json), "", { damaged("$file: $it") })
    } catch (error: JSONException) {
        throw damaged("$file is no JSON object (${error.message})", error)
    } catch (error: StackOverflowError) {
        throw damaged("$file is JSON within JSON, too deep", error)
    }

/**
 * Says that [key] signed just these bytes.
 *
 * @param signature null where there is none.
 * @param signer what the file says of who signed it.
 * @throws UpdateException it did not, or nothing here can tell.
 */
internal fun requireSigned(message: ByteArray, signature: ByteArray?, signer: String?, key: UpdateKey, file: String) {
    if (signature == null) throw UpdateException(UpdateFailure.UNSIGNED, "$file is not signed: sign it with the app's key")
    if (signer != null && signer != key.id) {
        throw UpdateException(UpdateFailure.OTHER_KEY, "$file is signed by the key $signer, this app takes ${key.id} alone")
    }
    if (!key.signed(message, signature)) throw damaged("the signature of $file is not that of ${key.id}")
}

/** @throws UpdateException it is of another kind or format. */
internal fun Keys.requireKind(kind: String) {
    if (textOrNull("kind") != kind) throw damaged("it is no $kind")
    val format = long("format")
    if (format == FORMAT.toLong()) return
    throw UpdateException(UpdateFailure.OTHER_CONTRACT, "format $format of a $kind; this runtime reads $FORMAT: update the app")
}

/** @throws UpdateException this runtime does not know the contract. */
internal fun requireContract(contract: Int) {
    if (contract in 1..CONTRACT) return
    throw UpdateException(UpdateFailure.OTHER_CONTRACT, "contract version $contract, this runtime reads 1 to $CONTRACT: update the app")
}
