/**
 * Sends dead letters through metering again.
 *
 * <p>An order names lines. Where their letters stand in the dead-letter topic is looked up in
 * ClickHouse, which holds no content; the letters themselves are read from the topic, opened and
 * written to the raw topic as they first came, with a stamp that only metering can make. Intake
 * decides whether a line may be judged again: only while it is quarantined. The frames, the note of
 * what was sent and the position in the orders are one transaction.
 *
 * <p>ClickHouse or the topic away: the order waits. A letter that is gone, or is of no use, is
 * refused with a sentence, and the others of its order go on.
 */
@NullMarked
package dev.taximeter.streams.replay;

import org.jspecify.annotations.NullMarked;
