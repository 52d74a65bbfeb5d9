package dev.taximeter.standalone.inspect;

import dev.taximeter.contract.event.TokenCounts;
import java.math.BigDecimal;

/** What is counted of a model, of a key, or of everything. Not thread-safe. */
final class Sum {
  private long requests;
  private TokenCounts tokens = TokenCounts.ZERO;
  private BigDecimal cost = BigDecimal.ZERO;
  private long unpriced;
  private long leakage;

  void addUsage(TokenCounts counted, BigDecimal costOfIt, boolean withoutPrice) {
    requests++;
    tokens = tokens.plus(counted);
    cost = cost.add(costOfIt);
    unpriced += withoutPrice ? 1 : 0;
  }

  void addLeakage() {
    leakage++;
  }

  void add(Sum other) {
    requests += other.requests;
    tokens = tokens.plus(other.tokens);
    cost = cost.add(other.cost);
    unpriced += other.unpriced;
    leakage += other.leakage;
  }

  long requests() {
    return requests;
  }

  TokenCounts tokens() {
    return tokens;
  }

  BigDecimal cost() {
    return cost;
  }

  /** Requests of which some class has no price. */
  long unpriced() {
    return unpriced;
  }

  long leakage() {
    return leakage;
  }
}
