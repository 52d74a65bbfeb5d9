package dev.taximeter.streams.landing;

import dev.taximeter.contract.settings.Environment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of landing.
 *
 * @param clickHouse where rows land
 * @param flushInterval longest wait of a record before it is landed, as long as ClickHouse keeps up
 * @param resume where to go on after Kafka lost what had landed, as {@code
 *     TAXIMETER_LANDING_RESUME} says it; null: nothing has been decided
 * @param identityRetention how long the identities of lines are kept after their arrival
 */
public record LandingSettings(
    ClickHouseSettings clickHouse,
    Duration flushInterval,
    @Nullable String resume,
    Duration identityRetention) {
  private static final Duration DEFAULT_FLUSH_INTERVAL = Duration.ofMillis(200);
  private static final Duration DEFAULT_IDENTITY_RETENTION = Duration.ofDays(400);

  public LandingSettings {
    ResumeOrders.parse(resume);
  }

  /** Settings with the default retention, and nothing decided about where to resume. */
  public LandingSettings(ClickHouseSettings clickHouse, Duration flushInterval) {
    this(clickHouse, flushInterval, null, DEFAULT_IDENTITY_RETENTION);
  }

  /**
   * Reads {@code TAXIMETER_LANDING_FLUSH_INTERVAL} (default {@code PT0.2S}), {@code
   * TAXIMETER_LANDING_RESUME} (default none), {@code TAXIMETER_IDENTITY_RETENTION} (default {@code
   * P400D}) and what {@link ClickHouseSettings#from} reads.
   *
   * @throws dev.taximeter.contract.settings.SettingsException if one is missing or wrong
   */
  public static LandingSettings from(Environment environment) {
    return new LandingSettings(
        ClickHouseSettings.from(environment),
        environment.duration("TAXIMETER_LANDING_FLUSH_INTERVAL", DEFAULT_FLUSH_INTERVAL),
        environment.optional(ResumeOrders.SETTING),
        environment.duration("TAXIMETER_IDENTITY_RETENTION", DEFAULT_IDENTITY_RETENTION));
  }
}
