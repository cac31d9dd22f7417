@file:JvmName("RagUpdates")

package dev.pocketrag.runtime

import androidx.annotation.WorkerThread
import dev.pocketrag.runtime.engine.blocking
import dev.pocketrag.runtime.update.Updates
import dev.pocketrag.runtime.update.Updating
import java.io.File
import java.io.InputStream
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.emitAll
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.withContext

// What changes the version that answers; Java calls it as RagUpdates.updateBlocking(rag, …).

/** A quarter of a GB: whole models of phones are smaller. */
private const val LARGEST_UPDATE = 1L shl 28

/**
 * Installs the version of a bundle that `pocketrag delta` files lead to, each beginning where the one before it ends, and answers from it;
 * the last state is [UpdateState.Installed]. The version before answers until then, is kept until the next update, and stays where
 * anything fails. Nothing of a file is believed before [key] was found to have signed it. While the new version is tested, both are open.
 *
 * A collector that is cancelled ends it, and nothing is left of it. The app's own version is opened again once it is newer.
 *
 * @param downgrade takes a version too that is no newer, or that [rollback] left.
 * @throws UpdateException collecting it: they were not taken, see [UpdateException.reason].
 * @throws DiskFullException there is no room for one more version.
 */
public fun Rag.update(deltas: List<File>, key: UpdateKey, downgrade: Boolean = false): Flow<UpdateState> =
    updating { it.install(deltas, key, downgrade) }

/** The same with one file. */
public fun Rag.update(delta: File, key: UpdateKey, downgrade: Boolean = false): Flow<UpdateState> = update(listOf(delta), key, downgrade)

/**
 * The same with a stream, which is copied to private storage first; it is not closed.
 *
 * @param limit how many bytes it may have.
 */
public fun Rag.update(delta: InputStream, key: UpdateKey, downgrade: Boolean = false, limit: Long = LARGEST_UPDATE): Flow<UpdateState> =
    updating { it.install(delta, limit, key, downgrade) }

/** [update] for Java; [onState] is called on the calling thread. */
@WorkerThread
@JvmOverloads
@Throws(RagException::class)
public fun Rag.updateBlocking(
    deltas: List<File>,
    key: UpdateKey,
    downgrade: Boolean = false,
    onState: UpdateListener = UpdateListener {},
): Unit = blocking { update(deltas, key, downgrade).collect { onState.onState(it) } }

/**
 * Answers from the version before the last update again, also after a restart; the one that is left is not installed again unless [update]
 * is told `downgrade`. Returns the version that answers now.
 *
 * @param bundle the name of one of several.
 * @throws UpdateException there is none.
 */
public suspend fun Rag.rollback(bundle: String = manifest.name): String = withContext(Dispatchers.IO) {
    // Until the version that is left gave its files back, they can't go.
    val updating = Updating(opening, opened, check = { ensureActive() }, switch = { blocking { switch(it).closeAndJoin() } })
    updating.back(bundle).bundle.manifest.version
}

/** [rollback] for Java. */
@WorkerThread
@JvmOverloads
@Throws(RagException::class)
public fun Rag.rollbackBlocking(bundle: String = manifest.name): String = blocking { rollback(bundle) }

/**
 * Says which files of a channel lead to the newest version that this app is to have, and that [rollback] did not leave.
 *
 * @param appId any text of the app's own that stays: it decides who gets a version that is rolled out to a share.
 * @throws UpdateException the channel is another bundle's.
 */
public suspend fun Rag.plan(channel: Channel, appId: String): UpdatePlan = withContext(Dispatchers.IO) {
    val installed = opened.named(channel.name).bundle.manifest
    channel.plan(installed, appId, Updates(opening.storage, channel.name).recordOrNull()?.refused.orEmpty())
}

/** [plan] for Java. */
@WorkerThread
@Throws(RagException::class)
public fun Rag.planBlocking(channel: Channel, appId: String): UpdatePlan = blocking { plan(channel, appId) }

/** [Rag.update] of what it holds, which stays open meanwhile. */
public fun RagHolder.update(deltas: List<File>, key: UpdateKey, downgrade: Boolean = false): Flow<UpdateState> =
    lent { it.update(deltas, key, downgrade) }

/** The same with one file. */
public fun RagHolder.update(delta: File, key: UpdateKey, downgrade: Boolean = false): Flow<UpdateState> =
    update(listOf(delta), key, downgrade)

/** The same with a stream. */
public fun RagHolder.update(
    delta: InputStream,
    key: UpdateKey,
    downgrade: Boolean = false,
    limit: Long = LARGEST_UPDATE,
): Flow<UpdateState> =
    lent { it.update(delta, key, downgrade, limit) }

/** [Rag.rollback] of what it holds. */
public suspend fun RagHolder.rollback(): String = withRag { it.rollback() }

private fun RagHolder.lent(update: (Rag) -> Flow<UpdateState>): Flow<UpdateState> = flow { withRag { emitAll(update(it)) } }

/** Of states that come faster than they are collected, the newest is kept. */
private fun Rag.updating(work: (Updating) -> Unit): Flow<UpdateState> = channelFlow<UpdateState> {
    work(Updating(opening, opened, check = { ensureActive() }, report = { trySend(it) }, switch = { switch(it).close() }))
}.conflate().flowOn(Dispatchers.IO)
