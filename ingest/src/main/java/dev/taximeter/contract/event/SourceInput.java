package dev.taximeter.contract.event;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes known about a source, on its way to the one writer that keeps account of all
 * sources. Byte ranges run from {@code from}, inclusive, to {@code to}, exclusive.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "input")
@JsonSubTypes({
  @JsonSubTypes.Type(value = SourceInput.Shipped.class, name = "shipped"),
  @JsonSubTypes.Type(value = SourceInput.Lost.class, name = "lost"),
  @JsonSubTypes.Type(value = SourceInput.Seen.class, name = "seen"),
  @JsonSubTypes.Type(value = SourceInput.Heartbeat.class, name = "heartbeat"),
  @JsonSubTypes.Type(value = SourceInput.Retirement.class, name = "retirement"),
  @JsonSubTypes.Type(value = SourceInput.ClockAhead.class, name = "clockAhead")
})
public sealed interface SourceInput {
  LineSource source();

  /**
   * Bytes that our shipper has read and shipped, in the transaction of their lines.
   *
   * @param file the file's identity, as in the header of its lines
   * @param size of the file when it was last looked at: at least {@code to}
   * @param ended whether no more is expected of the file
   * @param lines lines that were shipped since the last report of this source
   * @param at when they were read
   * @param shipment as in the header of its lines; null if it is followed by heartbeats and not by
   *     an end, or was sent by an earlier version
   */
  record Shipped(
      LineSource source,
      String file,
      long from,
      long to,
      long size,
      boolean ended,
      long lines,
      Instant at,
      @Nullable String shipment)
      implements SourceInput {}

  /**
   * Bytes that our shipper could not ship.
   *
   * @param file the file's identity; {@link SourceState#UNKNOWN_FILE} if it was not known
   * @param to null if it is not known whether there were any, and how many
   * @param reason in a few words
   * @param at when that was found
   */
  record Lost(
      LineSource source, String file, long from, @Nullable Long to, String reason, Instant at)
      implements SourceInput {}

  /**
   * Lines that another shipper sent, as one part of intake saw them.
   *
   * @param pieces where they lie, in the order of arrival; lines that follow each other are one
   * @param lines how many
   * @param bytes their length without line ends
   * @param at when the last of them arrived
   */
  record Seen(LineSource source, List<Piece> pieces, long lines, long bytes, Instant at)
      implements SourceInput {
    public Seen {
      pieces = List.copyOf(pieces);
    }
  }

  /**
   * @param lines how many
   * @param again whether they had been seen before
   */
  record Piece(long from, long to, long lines, boolean again) {}

  /**
   * A heartbeat of our shipper that came through one partition of the raw topic, and so behind all
   * lines that were sent there before it.
   *
   * @param partition of the raw topic
   * @param partitions how many it has
   * @param through everything written to the source's files before this instant had been shipped;
   *     {@link #END} is the last word of a shipment that has an end, {@link #FOLLOWED_END} that of
   *     a file that was followed until it was gone with its writer
   * @param at when the shipper sent it
   * @param shipment that it is a word of; null if it did not say
   */
  record Heartbeat(
      LineSource source,
      int partition,
      int partitions,
      Instant through,
      Instant at,
      @Nullable String shipment)
      implements SourceInput {
    /** All there ever will be has been shipped. */
    public static final Instant END = Instant.parse("9999-12-31T23:59:59.999Z");

    /** As long as no file of that name appears, all there ever was has been shipped. */
    public static final Instant FOLLOWED_END = END.minusMillis(1);

    public boolean isEnd() {
      return isEnd(through);
    }

    public static boolean isEnd(Instant through) {
      return !through.isBefore(FOLLOWED_END);
    }
  }

  /**
   * Lines were refused because they claim to have been completed long after they arrived: the
   * gateway's clock is ahead, or the shipper's behind.
   *
   * @param seconds by how much at most
   * @param at when the last of them came through intake
   */
  record ClockAhead(LineSource source, long seconds, Instant at) implements SourceInput {}

  /**
   * Somebody says that the source will send no more. The writer of sources answers the command.
   *
   * @param commandId the command's
   * @param catalogVersion version of the catalogue when it was passed on: part of the answer
   * @param at when it was passed on
   */
  record Retirement(LineSource source, String commandId, long catalogVersion, Instant at)
      implements SourceInput {}
}
