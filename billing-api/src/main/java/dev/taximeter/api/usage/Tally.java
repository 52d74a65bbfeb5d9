package dev.taximeter.api.usage;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Adds usage up, money by currency. Not thread-safe. */
final class Tally {
  private final NavigableMap<String, BigDecimal> costs = new TreeMap<>();
  private final Map<String, Long> requestsByCurrency = new TreeMap<>();
  private long requests;
  private long inputTokens;
  private long outputTokens;

  void add(UsageSum sum) {
    requests += sum.requests();
    inputTokens += sum.tokens().inputTokens();
    outputTokens += sum.tokens().outputTokens();
    costs.merge(sum.currency(), sum.cost(), BigDecimal::add);
    requestsByCurrency.merge(sum.currency(), sum.requests(), Long::sum);
  }

  void add(Tally other) {
    requests += other.requests;
    inputTokens += other.inputTokens;
    outputTokens += other.outputTokens;
    other.costs.forEach((currency, cost) -> costs.merge(currency, cost, BigDecimal::add));
    other.requestsByCurrency.forEach(
        (currency, more) -> requestsByCurrency.merge(currency, more, Long::sum));
  }

  long requests() {
    return requests;
  }

  long inputTokens() {
    return inputTokens;
  }

  long outputTokens() {
    return outputTokens;
  }

  long tokens() {
    return inputTokens + outputTokens;
  }

  BigDecimal cost(String currency) {
    return costs.getOrDefault(currency, BigDecimal.ZERO);
  }

  /** {@return the currency of most requests; null if there are none} */
  @Nullable String mainCurrency() {
    return requestsByCurrency.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .filter(currency -> !currency.isEmpty())
        .orElse(null);
  }

  /** By currency. */
  NavigableMap<String, BigDecimal> costs() {
    return Collections.unmodifiableNavigableMap(costs);
  }
}
