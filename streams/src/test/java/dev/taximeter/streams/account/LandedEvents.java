package dev.taximeter.streams.account;

import dev.taximeter.api.bills.LandedUsage;
import dev.taximeter.contract.catalog.TokenClass;
import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.rating.TotalPrice;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Events of an account as history would have them.
 *
 * @param settled the sequence number that an earlier moment had reached
 */
record LandedEvents(List<UsageEvent> events, long settled) implements LandedUsage {
  private record Key(String model, TokenClass tokenClass, String priceVersion) {}

  @Override
  public boolean isComplete(String account, long sequence) {
    return true;
  }

  private record Group(String model, long segment, long context) {}

  @Override
  public List<TotalPrice.Group> groups(
      Slice slice, List<Instant> changes, List<Long> promptLimits, int most) {
    Map<Group, List<UsageEvent>> groups =
        of(slice)
            .collect(
                Collectors.groupingBy(
                    event -> {
                      Instant at = event.usage().completion().truncatedTo(ChronoUnit.MILLIS);
                      long prompt = event.usage().tokens().inputTokens();
                      return new Group(
                          event.usage().model(),
                          changes.stream().filter(change -> !change.isAfter(at)).count(),
                          promptLimits.stream().filter(limit -> limit < prompt).count());
                    }));
    return groups.entrySet().stream()
        .map(
            group -> {
              int segment = (int) group.getKey().segment();
              int context = (int) group.getKey().context();
              return new TotalPrice.Group(
                  group.getKey().model(),
                  segment == 0 ? slice.from() : changes.get(segment - 1),
                  context == 0 ? 0 : promptLimits.get(context - 1) + 1,
                  group.getValue().stream()
                      .map(event -> event.usage().tokens())
                      .reduce(TokenCounts.ZERO, TokenCounts::plus),
                  group.getValue().size());
            })
        .toList();
  }

  private Stream<UsageEvent> of(Slice slice) {
    return events.stream()
        .filter(event -> event.sequence() > slice.after() && event.sequence() <= slice.sequence())
        .filter(event -> !event.usage().completion().isBefore(slice.from()))
        .filter(event -> event.usage().completion().isBefore(slice.to()));
  }

  @Override
  public List<BillLine> charged(Slice slice, int most) {
    Map<Key, BillLine> lines = new LinkedHashMap<>();
    of(slice)
        .flatMap(event -> event.charges().stream())
        .forEach(
            charge -> {
              String version = String.valueOf(charge.priceVersion());
              lines.merge(
                  new Key(charge.model(), charge.tokenClass(), version),
                  new BillLine(
                      charge.model(),
                      charge.tokenClass(),
                      version,
                      charge.quantity(),
                      charge.amount()),
                  LandedEvents::plus);
            });
    return new ArrayList<>(lines.values());
  }

  private static BillLine plus(BillLine one, BillLine other) {
    return new BillLine(
        one.model(),
        one.tokenClass(),
        one.priceVersion(),
        one.quantity() + other.quantity(),
        one.amount().add(other.amount()));
  }

  @Override
  public @Nullable Span span(Slice slice) {
    List<Instant> completions =
        of(slice)
            .map(event -> event.usage().completion().truncatedTo(ChronoUnit.MILLIS))
            .sorted()
            .toList();
    return completions.isEmpty()
        ? null
        : new Span(completions.get(0), completions.get(completions.size() - 1));
  }

  @Override
  public Counts counts(Slice slice) {
    return new Counts(of(slice).count(), of(slice).filter(UsageEvent::unpriced).count());
  }

  @Override
  public long settledBy(String account, Instant at) {
    return settled;
  }
}
