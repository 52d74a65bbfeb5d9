package dev.taximeter.api.catalog;

import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.catalog.Plan;
import dev.taximeter.contract.catalog.PriceEntry;
import dev.taximeter.contract.catalog.PriceSchedule;
import dev.taximeter.contract.catalog.TokenClass;
import java.math.BigDecimal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Every price that the catalogue ever had, by the version that bills name. The latest version of a
 * book or plan does not have those that were replaced, and bills of earlier months stand on them.
 * One writes, many read.
 */
public final class PriceVersions {
  private final Map<String, Map<TokenClass, PriceSchedule>> entries = new ConcurrentHashMap<>();
  private final Map<String, BigDecimal> perRequest = new ConcurrentHashMap<>();

  /**
   * What a price version stands for.
   *
   * @param schedule with the plan's discount or markup; null if it is a charge for each request
   * @param perRequest charge for each request; null if it is the price of an entry
   * @param percent the discount or markup as the version names it; null at the book's own prices
   */
  public record Found(
      @Nullable PriceSchedule schedule,
      @Nullable BigDecimal perRequest,
      @Nullable String percent) {}

  /** Takes in what a record of the catalogue brings. */
  public void add(CatalogRecord record) {
    if (record.resource() instanceof Resource.OfPriceBook of) {
      of.priceBook().prices().forEach(this::add);
    } else if (record.resource() instanceof Resource.OfPlan of) {
      of.plan().versions().forEach(plan -> perRequest.put(plan.version(), plan.perRequest()));
    }
  }

  private void add(PriceEntry entry) {
    entries.putIfAbsent(entry.version(), entry.prices());
    for (PriceEntry.ContextTier tier : entry.contextTiers()) {
      entries.putIfAbsent(entry.version(tier), tier.prices());
    }
  }

  /**
   * @param version as bills name it: {@link PriceEntry#version}, perhaps with {@link
   *     Plan#priceSuffix}, or {@link Plan#version}
   * @return null if nothing like it was ever in the catalogue
   */
  public @Nullable Found find(String version, TokenClass tokenClass) {
    BigDecimal ofPlan = tokenClass == TokenClass.REQUEST ? perRequest.get(version) : null;
    if (ofPlan != null) {
      return new Found(null, ofPlan, null);
    }
    Map<TokenClass, PriceSchedule> own = entries.get(version);
    if (own != null) {
      PriceSchedule schedule = own.get(tokenClass);
      return schedule == null ? null : new Found(schedule, null, null);
    }
    return version.endsWith("%") ? findAdjusted(version, tokenClass) : null;
  }

  private @Nullable Found findAdjusted(String version, TokenClass tokenClass) {
    int colon = version.lastIndexOf(':');
    Map<TokenClass, PriceSchedule> book =
        colon < 0 ? null : entries.get(version.substring(0, colon));
    PriceSchedule schedule = book == null ? null : book.get(tokenClass);
    if (schedule == null) {
      return null;
    }
    String percent = version.substring(colon + 1);
    try {
      BigDecimal change = new BigDecimal(percent.substring(0, percent.length() - 1));
      return new Found(schedule.map(price -> Plan.adjusted(price, change)), null, percent);
    } catch (NumberFormatException noPercentage) {
      return null;
    }
  }
}
