package dev.taximeter.ship;

import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import java.io.File;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the tail shipper.
 *
 * @param host name of this machine in shipped lines, 1 to 255 characters, no control characters
 * @param shipperId tells several shippers on one machine apart, 1 to 64 characters, no control
 *     characters; two that run at once must not share it
 * @param files files to follow; the last element may be a glob; relative paths are resolved against
 *     the working directory
 * @param pollInterval how often files are looked at, 1 ms to 1 min
 * @param grace how long a file that was rotated away may still grow, 1 s to 1 h
 */
public record ShipperSettings(
    String host, String shipperId, List<String> files, Duration pollInterval, Duration grace) {
  public static final Duration DEFAULT_POLL_INTERVAL = Duration.ofMillis(100);
  public static final Duration DEFAULT_GRACE = Duration.ofSeconds(60);

  private static final int LONGEST_HOST = 255;
  private static final int LONGEST_ID = 64;

  public ShipperSettings {
    requireHost(host);
    requireName("TAXIMETER_SHIPPER_ID", shipperId, LONGEST_ID);
    files = files.stream().map(ShipperSettings::absolute).distinct().toList();
    if (files.isEmpty()) {
      throw new SettingsException("TAXIMETER_LOG_FILES must name at least one file");
    }
    requireWithin("poll interval", pollInterval, Duration.ofMillis(1), Duration.ofMinutes(1));
    requireWithin("grace", grace, Duration.ofSeconds(1), Duration.ofHours(1));
  }

  /**
   * @return the settings with default times
   */
  public static ShipperSettings of(String host, String shipperId, List<String> files) {
    return new ShipperSettings(host, shipperId, files, DEFAULT_POLL_INTERVAL, DEFAULT_GRACE);
  }

  /**
   * @return settings from TAXIMETER_LOG_FILES, TAXIMETER_HOST_NAME and TAXIMETER_SHIPPER_ID; null
   *     if there are no files to follow
   * @throws SettingsException if one of them is wrong
   */
  public static @Nullable ShipperSettings read(Environment environment) {
    String list = environment.optional("TAXIMETER_LOG_FILES");
    if (list == null) {
      return null;
    }
    List<String> files = new ArrayList<>();
    for (String file : list.split(File.pathSeparator, -1)) {
      if (!file.isBlank()) {
        files.add(file.strip());
      }
    }
    return of(hostName(environment), environment.text("TAXIMETER_SHIPPER_ID", "default"), files);
  }

  /**
   * @return TAXIMETER_HOST_NAME, or else the machine's own name
   */
  public static String hostName(Environment environment) {
    String name = environment.optional("TAXIMETER_HOST_NAME");
    if (name != null) {
      return name;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static String absolute(String file) {
    try {
      Path path = Path.of(file).toAbsolutePath().normalize();
      if (path.getFileName() != null && !hasControl(file)) {
        return path.toString();
      }
    } catch (InvalidPathException e) {
      // Reported below.
    }
    throw new SettingsException("TAXIMETER_LOG_FILES names " + file + ", which is no file path");
  }

  static void requireHost(String host) {
    requireName("TAXIMETER_HOST_NAME", host, LONGEST_HOST);
  }

  private static void requireName(String setting, String value, int longest) {
    if (value.isBlank() || value.length() > longest || hasControl(value)) {
      throw new SettingsException(
          setting + " must be 1 to " + longest + " characters without control characters");
    }
  }

  private static boolean hasControl(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }

  private static void requireWithin(String what, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new SettingsException(
          "the shipper's %s must be from %s to %s, not %s".formatted(what, least, most, value));
    }
  }
}
