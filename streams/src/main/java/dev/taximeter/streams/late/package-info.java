/**
 * The late lane: tells intake which lines history has seen.
 *
 * <h2>Why it is complete</h2>
 *
 * <p>Intake sends a line here if it may have forgotten copies of it, and says before which instant
 * it may have forgotten. The lane answers with a verdict and an instant of its own, the edge: the
 * verdict knows every identity that was processed before the edge. Intake lets the verdict take
 * effect only if it still holds all identities from the edge on, and sends the line here again if
 * not. Every identity is thus looked up on one side or the other; copies that are on their way
 * together meet in intake's store when they are settled, one after the other.
 *
 * <p>The edge is known from order, not from timestamps: the ends of the two topics that carry
 * identities are noted, and once landing has stored all that lies before these ends, everything
 * processed before the note was taken, less the longest transaction, is in ClickHouse. A note is
 * good for many batches, so late lines wait only while landing lags behind by more than about half
 * of the horizon. If a clock was wrong and was set back, notes cannot be compared with what intake
 * says; then a note counts if it was taken after the line was read.
 *
 * <p>Identities land from {@code account.inputs.v1} and {@code line.fates.v1}, where intake itself
 * writes them, and not from usage events: usage may be held back in its account's writer for days.
 *
 * <h2>What happens when something fails</h2>
 *
 * <p>ClickHouse away: late lines wait in their topic, all others flow. Killed: verdicts and the
 * position in the topic are one transaction. A look-up is never guessed: no answer, no verdict.
 */
@NullMarked
package dev.taximeter.streams.late;

import org.jspecify.annotations.NullMarked;
