package dev.taximeter.contract.catalog;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;

/**
 * Who pays.
 *
 * @param id stable id: 1 to 64 of {@code a-z 0-9 - _ .}, beginning with a letter or digit
 * @param name for people
 * @param currency ISO 4217 code
 * @param timezone decides days and months
 * @param plan id of the plan that gives its prices, until the first of the plan changes
 * @param billing whether it pays before or after it uses; after, if it is not said
 * @param details what it need not say
 */
public record Account(
    String id,
    String name,
    String currency,
    ZoneId timezone,
    String plan,
    Billing billing,
    AccountDetails details) {
  public Account {
    // Absent in records from before there was a choice, and from before there were any.
    billing = billing == null ? Billing.POSTPAID : billing;
    details = details == null ? AccountDetails.NONE : details;
  }

  /** An account that pays after it used, and says no more than it has to. */
  public Account(String id, String name, String currency, ZoneId timezone, String plan) {
    this(id, name, currency, timezone, plan, Billing.POSTPAID, AccountDetails.NONE);
  }

  /** An account without details. */
  public Account(
      String id, String name, String currency, ZoneId timezone, String plan, Billing billing) {
    this(id, name, currency, timezone, plan, billing, AccountDetails.NONE);
  }

  /** An account that pays after it used. */
  public Account(
      String id,
      String name,
      String currency,
      ZoneId timezone,
      String plan,
      AccountDetails details) {
    this(id, name, currency, timezone, plan, Billing.POSTPAID, details);
  }

  /**
   * @return id of the plan that prices usage at the instant
   */
  public String planAt(Instant instant) {
    String inForce = plan;
    for (PlanChange change : details.planChanges()) {
      if (!change.from().isAfter(instant)) {
        inForce = change.plan();
      }
    }
    return inForce;
  }

  public Account withDetails(AccountDetails others) {
    return new Account(id, name, currency, timezone, plan, billing, others);
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
