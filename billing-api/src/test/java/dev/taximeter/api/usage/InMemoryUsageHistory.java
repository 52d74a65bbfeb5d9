package dev.taximeter.api.usage;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.web.HistoryUnavailableException;
import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Adds events up one by one. */
public final class InMemoryUsageHistory implements UsageHistory {
  private final List<LandedEvent> events = new ArrayList<>();
  private boolean down;

  public void add(LandedEvent event) {
    events.add(event);
  }

  public void clear() {
    events.clear();
  }

  public void setDown(boolean down) {
    this.down = down;
  }

  private record Group(long start, String account, String key, String model, String currency) {}

  @Override
  public UsageAnswer sum(List<UsageQuery> queries) {
    if (down) {
      throw new HistoryUnavailableException("down", new IllegalStateException("switched off"));
    }
    List<UsageAnswer> answers = queries.stream().map(this::answer).toList();
    return new UsageAnswer(
        answers.stream().flatMap(answer -> answer.sums().stream()).toList(),
        answers.stream().mapToLong(UsageAnswer::sequence).sum(),
        answers.stream().allMatch(UsageAnswer::exact));
  }

  private UsageAnswer answer(UsageQuery query) {
    Map<Group, UsageSum> sums = new HashMap<>();
    Map<String, Long> counted = new HashMap<>();
    Map<String, Long> latest = new HashMap<>();
    for (LandedEvent event : events) {
      if (!concerns(query, event.account())) {
        continue;
      }
      counted.merge(event.account(), 1L, Long::sum);
      latest.merge(event.account(), event.sequence(), Math::max);
      long time = event.completion().toEpochMilli();
      boolean asked =
          query.buckets().contains(time)
              && (query.key() == null || query.key().equals(event.key()))
              && (query.model() == null || query.model().equals(event.model()));
      if (asked) {
        Group group =
            new Group(
                query.buckets().startOf(time),
                event.account(),
                query.byKey() ? event.key() : null,
                query.byModel() ? event.model() : null,
                event.currency());
        sums.merge(group, sum(group, 1, event.tokens(), event.cost()), this::plus);
      }
    }
    return new UsageAnswer(
        List.copyOf(sums.values()),
        counted.values().stream().mapToLong(Long::longValue).sum(),
        counted.equals(latest));
  }

  private static boolean concerns(UsageQuery query, String account) {
    return query.accounts().isEmpty()
        ? !account.startsWith(AccountDirectory.UNATTRIBUTED)
        : query.accounts().contains(account);
  }

  private UsageSum plus(UsageSum one, UsageSum other) {
    return new UsageSum(
        one.start(),
        one.account(),
        one.key(),
        one.model(),
        one.requests() + other.requests(),
        one.tokens().plus(other.tokens()),
        one.currency(),
        one.cost().add(other.cost()));
  }

  private static UsageSum sum(Group group, long requests, TokenCounts tokens, BigDecimal cost) {
    return new UsageSum(
        group.start, group.account, group.key, group.model, requests, tokens, group.currency, cost);
  }
}
