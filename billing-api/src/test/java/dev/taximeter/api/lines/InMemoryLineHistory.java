package dev.taximeter.api.lines;

import dev.taximeter.api.web.HistoryUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Counts lines one by one. */
public final class InMemoryLineHistory implements LineHistory {
  private static final Set<String> NO_ATTEMPTS =
      Set.of("not-ai", "answered-by-gateway", "rejected-key");

  private final List<LandedLine> lines = new ArrayList<>();
  private boolean down;

  public void add(LandedLine line) {
    lines.add(line);
  }

  public void clear() {
    lines.clear();
  }

  public void setDown(boolean down) {
    this.down = down;
  }

  @Override
  public List<LeakageSum> leakage(LeakageQuery query, int most) {
    check();
    Map<List<String>, Long> sums = new HashMap<>();
    for (LandedLine line : lines) {
      if (line.leakage()
          && belongs(query.payers(), line)
          && !line.at().isBefore(query.from())
          && line.at().isBefore(query.to())) {
        sums.merge(
            List.of(
                line.fingerprint(),
                query.byModel() ? line.model() : "",
                query.byReason() ? line.reason() : ""),
            1L,
            Long::sum);
      }
    }
    return sums.entrySet().stream()
        .limit(most + 1L)
        .map(
            e ->
                new LeakageSum(
                    e.getKey().get(0), e.getKey().get(1), e.getKey().get(2), e.getValue()))
        .toList();
  }

  @Override
  public List<OperationSum> operations(OperationQuery query) {
    check();
    Map<String, List<LandedLine>> operations = new HashMap<>();
    for (LandedLine line : lines) {
      boolean asked =
          line.isUsage()
              ? query.account() == null || query.account().equals(line.account())
              : Set.of("unbillable", "suspense").contains(line.fate())
                  && belongs(query.payers(), line);
      if (asked && query.buckets().contains(line.at().toEpochMilli())) {
        String operation = line.requestId().isEmpty() ? line.id() : line.requestId();
        operations.computeIfAbsent(operation, id -> new ArrayList<>()).add(line);
      }
    }
    Map<Long, OperationSum> buckets = new HashMap<>();
    operations.forEach(
        (id, parts) -> {
          long last =
              parts.stream().mapToLong(line -> line.at().toEpochMilli()).max().orElseThrow();
          long usage = different(parts, LandedLine::isUsage);
          long attempts = different(parts, InMemoryLineHistory::isAttempt);
          boolean repeated = usage > 1 && !parts.get(0).requestId().isEmpty();
          long start = query.buckets().startOf(last);
          buckets.merge(
              start,
              new OperationSum(
                  start,
                  different(parts, line -> true),
                  attempts,
                  different(parts, line -> "fallback-attempt".equals(line.reason())),
                  attempts > 0 ? 1 : 0,
                  repeated ? 1 : 0,
                  repeated ? usage : 0),
              InMemoryLineHistory::plus);
        });
    return List.copyOf(buckets.values());
  }

  @Override
  public Instant latestArrival(Instant since) {
    check();
    return lines.stream()
        .filter(line -> !line.isUsage() && !line.arrival().isBefore(since))
        .map(LandedLine::arrival)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  private void check() {
    if (down) {
      throw new HistoryUnavailableException("down", new IllegalStateException("switched off"));
    }
  }

  private static long different(List<LandedLine> lines, Predicate<LandedLine> which) {
    return lines.stream().filter(which).map(LandedLine::id).distinct().count();
  }

  private static boolean isAttempt(LandedLine line) {
    return line.isUsage() || !NO_ATTEMPTS.contains(line.reason());
  }

  private static boolean belongs(Payers payers, LandedLine line) {
    return (payers.fingerprints() == null || payers.fingerprints().contains(line.fingerprint()))
        && (payers.fingerprintPrefix() == null
            || line.fingerprint().startsWith(payers.fingerprintPrefix()));
  }

  private static OperationSum plus(OperationSum one, OperationSum other) {
    return new OperationSum(
        one.start(),
        one.lines() + other.lines(),
        one.attempts() + other.attempts(),
        one.fallbackAttempts() + other.fallbackAttempts(),
        one.operations() + other.operations(),
        one.repeatedRequestIds() + other.repeatedRequestIds(),
        one.linesOfRepeatedRequestIds() + other.linesOfRepeatedRequestIds());
  }
}
