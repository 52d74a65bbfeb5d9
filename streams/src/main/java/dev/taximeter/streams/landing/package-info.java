/**
 * Kafka to ClickHouse: {@link dev.taximeter.streams.landing.Landing} copies the output topics into
 * tables, {@link dev.taximeter.streams.landing.Schema} makes the tables.
 *
 * <h2>Guarantee</h2>
 *
 * Every committed record is in its table once the stored position has passed it, and a reader that
 * uses {@code FINAL} sees it once. The ingredients:
 *
 * <ul>
 *   <li>Rows are upserts. A row's key is made from the record alone, its version is the record's
 *       offset, and all records of one key come from one Kafka partition, so the highest offset is
 *       the latest. Whatever is landed twice replaces itself.
 *   <li>The key also decides the month, and with it the ClickHouse partition: merging never crosses
 *       partitions, so rows of one key must never be in two of them. A batch is of one month.
 *   <li>ClickHouse itself stores where to resume ({@code landing_progress}), after the rows. The
 *       position is the consumer's, so it also passes transaction markers and aborted records.
 *   <li>Inserts are synchronous. Their records are counted back before the position moves, because
 *       ClickHouse may take an insert for a repetition of one whose rows it no longer has.
 *   <li>Batches end at fixed multiples of offsets wherever landing has to catch up, and carry a
 *       deduplication token of topic, partition, first and last offset. A batch that is repeated
 *       after a crash then adds nothing, not even rows to be merged away. The token is also the
 *       batch's name in logs and errors. Correctness rests on the upserts, not on the token.
 * </ul>
 *
 * <h2>What happens when something fails</h2>
 *
 * <table>
 *   <caption>Failures</caption>
 *   <tr><th>Failure</th><th>Consequence</th></tr>
 *   <tr>
 *     <td>ClickHouse is down or refuses</td>
 *     <td>The same batch is tried again, after at most 5 s, until it works. Nothing more is read, so
 *     memory stays bounded. From the third failure on landing is unhealthy and says why.</td>
 *   </tr>
 *   <tr>
 *     <td>An insert's outcome is unknown</td>
 *     <td>It is repeated with its token.</td>
 *   </tr>
 *   <tr>
 *     <td>An acknowledged insert is missing</td>
 *     <td>It is repeated without deduplication; if it is still missing, that is a failure.</td>
 *   </tr>
 *   <tr>
 *     <td>Kafka is down or refuses</td>
 *     <td>Landing starts over from the stored positions until it works; unhealthy as above. Since
 *     a consumer whose broker is gone is merely silent, silence is followed by a question.</td>
 *   </tr>
 *   <tr>
 *     <td>The process is killed</td>
 *     <td>The next one resumes at the stored positions; at most the last batches are repeated.</td>
 *   </tr>
 *   <tr>
 *     <td>A process was suspended and wakes up beside its successor</td>
 *     <td>Both write the same rows; the highest position wins.</td>
 *   </tr>
 *   <tr>
 *     <td>A record cannot be read, or holds a value that no column holds</td>
 *     <td>{@code landing_rejects} names it and the reason, the log too, and landing goes on. The
 *     content is not kept: it may be anything.</td>
 *   </tr>
 *   <tr>
 *     <td>Kafka deleted records that had not landed</td>
 *     <td>{@code landing_rejects} and health name the range.</td>
 *   </tr>
 *   <tr>
 *     <td>Kafka lost records that had landed: a topic was deleted and created anew, or a broker came
 *     back with an older disk</td>
 *     <td>Landing of that partition stops and health says why: offsets that are used again would make
 *     old rows look newer than new ones. It is recognised by the topic's id, by the partition's end,
 *     and by the last landed record, which is read again at each start. An operator decides with
 *     {@code TAXIMETER_LANDING_RESUME}; health prints the value. {@code earliest} lands all that Kafka
 *     holds, as newer versions of what is there; {@code end} skips it. The decision begins a new
 *     generation, whose rows have higher offsets than all before, and is followed once. It is
 *     reported in {@code landing_rejects}.</td>
 *   </tr>
 *   <tr>
 *     <td>ClickHouse was wiped, or restored from a backup</td>
 *     <td>While landing runs, it compares its positions with ClickHouse's once a second, every 10 s
 *     when idle, and after each failure. If some are gone or behind, or tables are missing, it makes
 *     the tables and starts from what ClickHouse holds. What Kafka no longer has by then is a gap, as
 *     above.</td>
 *   </tr>
 * </table>
 *
 * <h2>What readers may rely on</h2>
 *
 * The topics land independently: at any moment one may be ahead of another. Within one reading of
 * {@code account.states.v1}, an account's bill lines land before its state.
 *
 * <h2>Several instances</h2>
 *
 * One instance takes all partitions. To share them, subscribe with a consumer group instead of
 * assigning, and on assignment start the buffer of each new partition at the position that
 * ClickHouse stores, exactly as at the start; the group's own offsets stay unused. Two owners of
 * one partition for a moment do no harm, as above. While ClickHouse is down the consumer must keep
 * polling with its partitions paused, or the group would take them away.
 */
@NullMarked
package dev.taximeter.streams.landing;

import org.jspecify.annotations.NullMarked;
