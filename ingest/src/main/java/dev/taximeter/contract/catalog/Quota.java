package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A limit on usage in a window.
 *
 * @param account id
 * @param key name of the key it limits; null for the whole account
 * @param model exact name or glob it limits; null for all
 * @param limit tokens, requests or money, above 0
 * @param thresholds percent of the limit, ascending, 1 to 1,000
 * @param team id of the account's team whose keys it limits together; null for all
 * @param enforcement what follows when the limit is reached
 * @param kind whether the window begins with the calendar or moves along
 * @param anchor where a calendar window begins; null for where the calendar's does
 */
public record Quota(
    String id,
    String account,
    @Nullable String key,
    @Nullable String model,
    Metric metric,
    Window window,
    BigDecimal limit,
    List<Integer> thresholds,
    @Nullable String team,
    Enforcement enforcement,
    Kind kind,
    @Nullable Anchor anchor) {
  public Quota {
    limit = Decimals.canonical(limit);
    thresholds = List.copyOf(thresholds);
    // Absent in records from before there was a choice.
    enforcement = enforcement == null ? Enforcement.SOFT : enforcement;
    kind = kind == null ? Kind.CALENDAR : kind;
  }

  /** A quota that only alerts, on all teams, over the calendar's own windows. */
  public Quota(
      String id,
      String account,
      @Nullable String key,
      @Nullable String model,
      Metric metric,
      Window window,
      BigDecimal limit,
      List<Integer> thresholds) {
    this(
        id,
        account,
        key,
        model,
        metric,
        window,
        limit,
        thresholds,
        null,
        Enforcement.SOFT,
        Kind.CALENDAR,
        null);
  }

  /** Whether it counts the same usage over the same windows, whatever the limit. */
  public boolean countsSameAs(Quota other) {
    return account.equals(other.account)
        && Objects.equals(key, other.key)
        && Objects.equals(model, other.model)
        && Objects.equals(team, other.team)
        && metric == other.metric
        && window == other.window
        && kind == other.kind
        && Objects.equals(anchor, other.anchor);
  }

  /** Whether the gate refuses requests once the limit is reached. */
  public boolean stopsRequests() {
    return enforcement == Enforcement.HARD;
  }

  /** Whether its windows are the calendar's own. */
  public boolean followsCalendar() {
    return kind == Kind.CALENDAR && anchor == null;
  }

  /** What is limited. */
  public enum Metric {
    TOTAL_TOKENS,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    REQUESTS,
    COST;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Over which window: of the calendar in the account's zone, or as long as one. */
  public enum Window {
    MINUTE(Duration.ofMinutes(1), Duration.ofSeconds(1)),
    HOUR(Duration.ofHours(1), Duration.ofMinutes(1)),
    DAY(Duration.ofDays(1), Duration.ofMinutes(15)),
    WEEK(Duration.ofDays(7), Duration.ofHours(2)),
    MONTH(Duration.ofDays(30), Duration.ofHours(8));

    private final Duration length;
    private final Duration resolution;

    Window(Duration length, Duration resolution) {
      this.length = length;
      this.resolution = resolution;
    }

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** {@return how long it is if it slides; a sliding month has 30 days} */
    public Duration length() {
      return length;
    }

    /**
     * {@return in what steps it moves if it slides: usage leaves it between its length and one step
     * later}
     */
    public Duration resolution() {
      return resolution;
    }
  }

  /** What follows when the limit is reached. */
  public enum Enforcement {
    /** Alerts, nothing else. */
    SOFT,
    /** The gate refuses requests until the window ends. */
    HARD;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How windows follow each other. */
  public enum Kind {
    /** One after the other, beginning with the calendar in the account's zone. */
    CALENDAR,
    /** The last minute, hour, 24 hours, 7 or 30 days at any instant. */
    SLIDING;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Where days, weeks and months begin, in the account's zone.
   *
   * @param day of a month 1 to 31, the month's last if it is shorter; of a week 1 for Monday to 7;
   *     of a day always 1
   * @param hour 0 to 23; one that a clock change leaves out begins when the clock goes on
   */
  public record Anchor(int day, int hour) {}
}
