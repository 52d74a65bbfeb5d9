package dev.taximeter.streams.landing;

import dev.taximeter.contract.settings.Environment;
import java.time.Duration;

/**
 * Settings of landing.
 *
 * @param clickHouse where rows land
 * @param flushInterval longest wait of a record before it is landed, as long as ClickHouse keeps up
 */
public record LandingSettings(ClickHouseSettings clickHouse, Duration flushInterval) {
  private static final Duration DEFAULT_FLUSH_INTERVAL = Duration.ofMillis(200);

  /**
   * Reads {@code TAXIMETER_LANDING_FLUSH_INTERVAL} (default {@code PT0.2S}) and what {@link
   * ClickHouseSettings#from} reads.
   *
   * @throws dev.taximeter.contract.settings.SettingsException if one is missing or wrong
   */
  public static LandingSettings from(Environment environment) {
    return new LandingSettings(
        ClickHouseSettings.from(environment),
        environment.duration("TAXIMETER_LANDING_FLUSH_INTERVAL", DEFAULT_FLUSH_INTERVAL));
  }
}
