package dev.taximeter.api.accounting;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adds counters up and says what is missing. Pure. */
public final class Conservation {
  /**
   * Counters are published moments after what they count, by several writers; only what has not
   * changed for so long can be missing.
   */
  static final Duration REST = Duration.ofSeconds(10);

  private Conservation() {}

  @Schema(description = "read = the six fates + inFlight + residual.")
  public record Counts(
      @Schema(
              description =
                  "Lines handed over by the shipper; where none counts, the lines decided.",
              example = "1000")
          long read,
      @Schema(example = "930") long billed,
      @Schema(example = "31") long unbillable,
      @Schema(example = "20") long duplicate,
      @Schema(example = "12") long unattributed,
      @Schema(example = "0") long suspense,
      @Schema(example = "7") long quarantined,
      @Schema(
              description =
                  "Read, not yet decided, and metering has not caught up. Below 0 for moments in"
                      + " which a decision is seen before the count of what was read.",
              example = "0")
          long inFlight,
      @Schema(description = "Missing: 0, or something is wrong.", example = "0") long residual,
      @Schema(
              description =
                  "Billed and unattributed lines that are not yet in the account's state.",
              example = "0")
          long unsettled) {
    public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    Counts plus(Counts other) {
      return new Counts(
          read + other.read,
          billed + other.billed,
          unbillable + other.unbillable,
          duplicate + other.duplicate,
          unattributed + other.unattributed,
          suspense + other.suspense,
          quarantined + other.quarantined,
          inFlight + other.inFlight,
          residual + other.residual,
          unsettled + other.unsettled);
    }
  }

  @Schema(description = "Counts of one file and hour of arrival.")
  public record Row(
      @Schema(description = "Machine that holds the file.", example = "gateway-1") String host,
      @Schema(example = "/var/log/gateway/access.log") String path,
      @Schema(description = "Start of the hour of arrival.", example = "2026-11-24T09:00:00Z")
          Instant hour,
      @com.fasterxml.jackson.annotation.JsonUnwrapped Counts counts) {}

  private record Group(Instant hour, String host, String path) {}

  /**
   * Adds up by source and hour.
   *
   * @param catchingUp whether anything may still be on its way
   */
  public static List<Row> rows(Collection<Tally> tallies, boolean catchingUp, Instant now) {
    Comparator<Group> order =
        Comparator.comparing(Group::hour).thenComparing(Group::host).thenComparing(Group::path);
    Map<Group, Counts> counts = new TreeMap<>(order);
    for (Tally tally : tallies) {
      LineSource source = tally.source();
      counts.merge(
          new Group(tally.hour(), source.host(), source.path()),
          counts(tally, catchingUp, now),
          Counts::plus);
    }
    List<Row> rows = new ArrayList<>();
    counts.forEach((group, sum) -> rows.add(new Row(group.host, group.path, group.hour, sum)));
    return rows;
  }

  /** Adds up over all. */
  public static Counts total(Collection<Row> rows) {
    return rows.stream().map(Row::counts).reduce(Counts.NONE, Counts::plus);
  }

  private static Counts counts(Tally tally, boolean catchingUp, Instant now) {
    long decided = tally.decided();
    long read = tally.shipped() ? tally.read() : decided;
    boolean moving = catchingUp || tally.changed().isAfter(now.minus(REST));
    long open = read - decided;
    return new Counts(
        read,
        tally.count(Fate.BILLED),
        tally.count(Fate.UNBILLABLE),
        tally.count(Fate.DUPLICATE),
        tally.count(Fate.UNATTRIBUTED),
        tally.count(Fate.SUSPENSE),
        tally.count(Fate.QUARANTINED),
        moving ? open : 0,
        moving ? 0 : open,
        tally.count(Fate.BILLED) + tally.count(Fate.UNATTRIBUTED) - tally.settled());
  }
}
