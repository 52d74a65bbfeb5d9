package dev.taximeter.ship;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.gateway.LineFormat;
import java.util.function.Function;

/**
 * Settings of a backfill.
 *
 * @param host name of this machine in shipped lines, 1 to 255 characters, no control characters
 * @param formats what a collector put around the lines of a file
 */
public record BackfillSettings(String host, Function<LineSource, LineFormat> formats) {
  public BackfillSettings {
    ShipperSettings.requireHost(host);
  }
}
