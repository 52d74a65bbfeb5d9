package dev.taximeter.ship;

/**
 * Settings of a backfill.
 *
 * @param host name of this machine in shipped lines, 1 to 255 characters, no control characters
 */
public record BackfillSettings(String host) {
  public BackfillSettings {
    ShipperSettings.requireHost(host);
  }
}
