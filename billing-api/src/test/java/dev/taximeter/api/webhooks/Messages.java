package dev.taximeter.api.webhooks;

import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.catalog.Recipient.Channel;
import dev.taximeter.contract.event.AlertMessage;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Messages and recipients for tests. */
public final class Messages {
  public static final Instant NOW = Instant.parse("2026-11-24T09:30:00Z");

  private Messages() {}

  public static AlertMessage quota(String alert, String account) {
    return new AlertMessage(
        alert,
        AlertKind.QUOTA,
        false,
        account,
        account + "-month",
        "Quota acme-month of acme has reached 80 %",
        "80.25 of 100 USD are used in 2026-11.",
        NOW,
        Instant.parse("2026-12-01T00:00:00Z"),
        Map.of("threshold", "80"));
  }

  public static Recipient recipient(
      Secrets secrets, String id, String account, Channel channel, String address) {
    return new Recipient(
        id,
        "on-call",
        account,
        channel,
        secrets.sealed(address),
        "https://hooks.example.com/…",
        null,
        "a",
        null,
        null,
        "",
        List.of(),
        Recipient.Status.ENABLED,
        "",
        NOW.minusSeconds(60),
        "admin");
  }
}
