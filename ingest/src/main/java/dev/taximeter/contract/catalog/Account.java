package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.ZoneId;
import java.util.Locale;

/**
 * Who pays.
 *
 * @param id stable id: 1 to 64 of {@code a-z 0-9 - _ .}, beginning with a letter or digit
 * @param name for people
 * @param currency ISO 4217 code
 * @param timezone decides days and months
 * @param plan id of the plan that gives its prices
 * @param billing whether it pays before or after it uses; after, if it is not said
 */
public record Account(
    String id, String name, String currency, ZoneId timezone, String plan, Billing billing) {
  public Account {
    // Absent in records from before there was a choice.
    billing = billing == null ? Billing.POSTPAID : billing;
  }

  /** An account that pays after it used. */
  public Account(String id, String name, String currency, ZoneId timezone, String plan) {
    this(id, name, currency, timezone, plan, Billing.POSTPAID);
  }

  /** When an account pays. */
  public enum Billing {
    /** In advance: debits may not exceed its balance. Usage always counts. */
    PREPAID,
    /** By bill. */
    POSTPAID;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
