package dev.taximeter.api.live;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineFate;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Adds up what came in the current second. Thread-safe. */
final class LiveSecond implements LineTail.Listener {
  /** Lines shown of each second. */
  private static final int MOST_LINES = 12;

  /** Digits of a fingerprint that tell keys apart for the eye. */
  private static final int SHOWN_FINGERPRINT = 8;

  private final Clock clock;
  private final Deque<LiveMessage.Line> lines = new ArrayDeque<>();

  /** Those of {@code lines} that nobody was told of yet. */
  private final Deque<LiveMessage.Line> fresh = new ArrayDeque<>();

  /** By currency. */
  private final NavigableMap<String, BigDecimal> spend = new TreeMap<>();

  private long inputTokens;
  private long outputTokens;
  private long requests;
  private long others;
  private @Nullable Long delayMillis;

  LiveSecond(Clock clock) {
    this.clock = clock;
  }

  /** One second. */
  record Sums(
      long inputTokens,
      long outputTokens,
      long requests,
      long others,
      @Nullable Long delayMillis,
      List<LiveMessage.Line> lines,
      NavigableMap<String, BigDecimal> spend) {
    static final Sums NONE = new Sums(0, 0, 0, 0, null, List.of(), Collections.emptyNavigableMap());
  }

  @Override
  public synchronized void usage(UsageEvent event) {
    Usage usage = event.usage();
    // Usage that found its payer later was seen when it arrived: it is no traffic of this second.
    if (!usage.flags().contains(Usage.CLAIMED) && !usage.flags().contains(Usage.ASSIGNED)) {
      inputTokens += usage.tokens().inputTokens();
      outputTokens += usage.tokens().outputTokens();
      requests++;
      arrived(usage.arrival());
    }
    boolean billed = usage.fate() == Fate.BILLED;
    if (billed) {
      spend.merge(event.currency(), event.cost(), BigDecimal::add);
    }
    add(
        new LiveMessage.Line(
            usage.completion(),
            usage.fate().code(),
            null,
            event.account(),
            masked(usage.key(), usage.keyLastFour()),
            usage.model(),
            usage.tokens().totalTokens(),
            billed ? event.cost() : null,
            billed ? event.currency() : null,
            shown(usage.source(), usage.offset())));
  }

  @Override
  public synchronized void fate(LineFate fate) {
    others++;
    arrived(fate.arrival());
    String fingerprint = fate.keyFingerprint();
    add(
        new LiveMessage.Line(
            fate.completion() == null ? fate.arrival() : fate.completion(),
            fate.fate().code(),
            fate.reason().code(),
            null,
            fingerprint == null
                ? null
                : fingerprint.substring(0, Math.min(SHOWN_FINGERPRINT, fingerprint.length())) + "…",
            fate.model(),
            0,
            null,
            null,
            shown(fate.source(), fate.offset())));
  }

  synchronized Sums take() {
    Sums sums =
        new Sums(
            inputTokens,
            outputTokens,
            requests,
            others,
            delayMillis,
            List.copyOf(lines),
            new TreeMap<>(spend));
    lines.clear();
    spend.clear();
    inputTokens = 0;
    outputTokens = 0;
    requests = 0;
    others = 0;
    delayMillis = null;
    return sums;
  }

  /** {@return lines that came since the last call, newest first; some if there were many} */
  synchronized List<LiveMessage.Line> takeFresh() {
    List<LiveMessage.Line> taken = List.copyOf(fresh);
    fresh.clear();
    return taken;
  }

  private void arrived(Instant arrival) {
    delayMillis = Math.max(0, Duration.between(arrival, clock.instant()).toMillis());
  }

  private void add(LiveMessage.Line line) {
    keep(lines, line);
    keep(fresh, line);
  }

  private static void keep(Deque<LiveMessage.Line> latest, LiveMessage.Line line) {
    latest.addFirst(line);
    if (latest.size() > MOST_LINES) {
      latest.removeLast();
    }
  }

  private static @Nullable String masked(String key, @Nullable String lastFour) {
    if (key.isEmpty()) {
      return null;
    }
    return lastFour == null || lastFour.isEmpty() ? key : key + " …" + lastFour;
  }

  private static String shown(LineSource source, long offset) {
    String place = source.host() + ":" + source.path();
    return offset < 0 ? place : place + "@" + offset;
  }
}
