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
 */
public record LandingSettings(
    ClickHouseSettings clickHouse, Duration flushInterval, @Nullable String resume) {
  private static final Duration DEFAULT_FLUSH_INTERVAL = Duration.ofMillis(200);

  public LandingSettings {
    ResumeOrders.parse(resume);
  }

  public LandingSettings(ClickHouseSettings clickHouse, Duration flushInterval) {
    this(clickHouse, flushInterval, null);
  }

  /**
   * Reads {@code TAXIMETER_LANDING_FLUSH_INTERVAL} (default {@code PT0.2S}), {@code
   * TAXIMETER_LANDING_RESUME} (default none) and what {@link ClickHouseSettings#from} reads.
   *
   * @throws dev.taximeter.contract.settings.SettingsException if one is missing or wrong
   */
  public static LandingSettings from(Environment environment) {
    return new LandingSettings(
        ClickHouseSettings.from(environment),
        environment.duration("TAXIMETER_LANDING_FLUSH_INTERVAL", DEFAULT_FLUSH_INTERVAL),
        environment.optional(ResumeOrders.SETTING));
  }
}
