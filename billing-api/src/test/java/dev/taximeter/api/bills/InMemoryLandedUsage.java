package dev.taximeter.api.bills;

import dev.taximeter.contract.event.AccountState.BillLine;
import dev.taximeter.contract.event.TokenCounts;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.event.UsageEvent.Charge;
import dev.taximeter.contract.rating.TotalPrice;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Landed usage in a list. */
public final class InMemoryLandedUsage implements LandedUsage, LandedLines {
  public final List<UsageEvent> events = new ArrayList<>();

  private record Place(String model, long segment, long context) {}

  @Override
  public boolean isComplete(String account, long sequence) {
    return of(account).filter(event -> event.sequence() <= sequence).count() == sequence;
  }

  private Stream<UsageEvent> of(String account) {
    return events.stream().filter(event -> event.account().equals(account));
  }

  private Stream<UsageEvent> in(Slice slice) {
    return of(slice.account())
        .filter(event -> event.sequence() > slice.after())
        .filter(event -> event.sequence() <= slice.sequence())
        .filter(event -> !event.usage().completion().isBefore(slice.from()))
        .filter(event -> event.usage().completion().isBefore(slice.to()));
  }

  @Override
  public List<TotalPrice.Group> groups(
      Slice slice, List<Instant> changes, List<Long> promptLimits, int most) {
    Map<Place, TotalPrice.Group> groups = new LinkedHashMap<>();
    in(slice)
        .forEach(
            event -> {
              Instant completion = event.usage().completion();
              long prompt = event.usage().tokens().inputTokens();
              Instant at = slice.from();
              for (Instant change : changes) {
                at = change.isAfter(completion) ? at : change;
              }
              long length = 0;
              for (long limit : promptLimits) {
                length = limit < prompt ? limit + 1 : length;
              }
              groups.merge(
                  new Place(event.usage().model(), at.toEpochMilli(), length),
                  new TotalPrice.Group(
                      event.usage().model(), at, length, event.usage().tokens(), 1),
                  InMemoryLandedUsage::together);
            });
    return groups.values().stream().limit(most).toList();
  }

  private static TotalPrice.Group together(TotalPrice.Group one, TotalPrice.Group other) {
    TokenCounts tokens = one.tokens().plus(other.tokens());
    return new TotalPrice.Group(
        one.model(), one.at(), one.promptTokens(), tokens, one.requests() + other.requests());
  }

  @Override
  public List<BillLine> charged(Slice slice, int most) {
    Map<String, BillLine> lines = new LinkedHashMap<>();
    in(slice)
        .flatMap(event -> event.charges().stream())
        .forEach(
            charge ->
                lines.merge(
                    charge.model() + charge.tokenClass() + charge.priceVersion(),
                    line(charge),
                    InMemoryLandedUsage::sum));
    return lines.values().stream().limit(most).toList();
  }

  private static BillLine line(Charge charge) {
    return new BillLine(
        charge.model(),
        charge.tokenClass(),
        charge.priceVersion(),
        charge.quantity(),
        charge.amount());
  }

  private static BillLine sum(BillLine one, BillLine other) {
    BigDecimal amount = one.amount().add(other.amount());
    return new BillLine(
        one.model(),
        one.tokenClass(),
        one.priceVersion(),
        one.quantity() + other.quantity(),
        amount);
  }

  @Override
  public @Nullable Span span(Slice slice) {
    List<Instant> completions =
        in(slice).map(event -> event.usage().completion()).sorted().toList();
    return completions.isEmpty()
        ? null
        : new Span(completions.get(0), completions.get(completions.size() - 1));
  }

  @Override
  public Counts counts(Slice slice) {
    List<UsageEvent> month = in(slice).toList();
    return new Counts(month.size(), month.stream().filter(UsageEvent::unpriced).count());
  }

  @Override
  public long settledBy(String account, Instant at) {
    return of(account)
        .filter(event -> !event.settled().isAfter(at))
        .mapToLong(UsageEvent::sequence)
        .max()
        .orElse(0);
  }

  private Stream<UsageEvent> in(Selection selection) {
    return of(selection.account())
        .filter(event -> event.sequence() <= selection.sequence())
        .filter(
            event ->
                selection.from() == null || !event.usage().completion().isBefore(selection.from()))
        .filter(
            event -> selection.to() == null || event.usage().completion().isBefore(selection.to()))
        .filter(event -> selection.key() == null || event.usage().key().equals(selection.key()))
        .filter(
            event -> selection.model() == null || event.usage().model().equals(selection.model()));
  }

  @Override
  public List<BillLine> charged(Selection selection, int most) {
    Map<String, BillLine> lines = new LinkedHashMap<>();
    in(selection)
        .flatMap(event -> event.charges().stream())
        .forEach(
            charge ->
                lines.merge(
                    charge.model() + charge.tokenClass() + charge.priceVersion(),
                    line(charge),
                    InMemoryLandedUsage::sum));
    return lines.values().stream().limit(most).toList();
  }

  @Override
  public List<LandedLine> lines(Selection selection, long after, int most) {
    return in(selection)
        .filter(event -> event.sequence() > after)
        .sorted(Comparator.comparingLong(UsageEvent::sequence))
        .limit(most)
        .map(
            event ->
                new LandedLine(
                    event.sequence(),
                    event.usage().id(),
                    event.usage().completion(),
                    event.usage().start(),
                    event.usage().arrival(),
                    event.usage().key(),
                    event.usage().keyLastFour() == null ? "" : event.usage().keyLastFour(),
                    event.usage().model(),
                    event.usage().tokens(),
                    event.cost(),
                    event.usage().source().host(),
                    event.usage().source().path(),
                    event.usage().offset(),
                    event.usage().flags()))
        .toList();
  }

  @Override
  public String statement(Selection selection, BigDecimal granted) {
    return "SELECT " + selection.account() + ' ' + granted;
  }
}
