package dev.taximeter.api.usage;

import java.util.List;

/**
 * Sums and what they include.
 *
 * @param sums at most one more than the query allows; in any order
 * @param sequence sum over the accounts' latest sequence numbers in history
 * @param exact whether history held exactly the events up to those numbers, none missing
 */
public record UsageAnswer(List<UsageSum> sums, long sequence, boolean exact) {
  public UsageAnswer {
    sums = List.copyOf(sums);
  }
}
