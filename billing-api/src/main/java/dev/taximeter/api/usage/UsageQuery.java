package dev.taximeter.api.usage;

import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to sum up.
 *
 * @param accounts whose usage; empty for every account that is not unattributed
 * @param key only this key's, by name; null for all
 * @param model only this model's, by exact name; null for all
 * @param zone of all these accounts: what history has by the day and by the month are its days and
 *     months; null if they have several, or to do without
 * @param byKey whether keys get rows of their own
 * @param byModel whether models get rows of their own
 * @param mostRows rows that are allowed
 */
public record UsageQuery(
    List<String> accounts,
    @Nullable String key,
    @Nullable String model,
    Buckets buckets,
    @Nullable ZoneId zone,
    boolean byKey,
    boolean byModel,
    int mostRows) {
  public UsageQuery {
    accounts = List.copyOf(accounts);
  }

  /** The same without days and months of history. */
  public UsageQuery byTheHour() {
    return new UsageQuery(accounts, key, model, buckets, null, byKey, byModel, mostRows);
  }
}
