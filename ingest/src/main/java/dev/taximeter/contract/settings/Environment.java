package dev.taximeter.contract.settings;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a process, read from environment variables. Every error names the variable, the value
 * it must have and, unless it is a secret, the value found.
 */
public final class Environment {
  private final Map<String, String> variables;

  public Environment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  public static Environment ofProcess() {
    return new Environment(System.getenv());
  }

  /**
   * @return the value, or null if it is not set or blank
   */
  public @Nullable String optional(String name) {
    String value = variables.get(name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  /**
   * @param meaning for the error: what the variable must hold
   * @throws SettingsException if it is not set
   */
  public String required(String name, String meaning) {
    String value = optional(name);
    if (value == null) {
      throw new SettingsException(name + " is not set; it must hold " + meaning);
    }
    return value;
  }

  public String text(String name, String fallback) {
    String value = optional(name);
    return value == null ? fallback : value;
  }

  /**
   * @throws SettingsException if it is no whole number from {@code least} to {@code most}
   */
  public int number(String name, int fallback, int least, int most) {
    String value = optional(name);
    if (value == null) {
      return fallback;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, with the range.
    }
    throw new SettingsException(
        "%s must be a whole number from %d to %d, not %s".formatted(name, least, most, value));
  }

  /**
   * @param fallback used if it is not set
   * @throws SettingsException if it is no ISO 8601 duration such as {@code PT24H}, or not above 0
   */
  public Duration duration(String name, Duration fallback) {
    String value = optional(name);
    if (value == null) {
      return fallback;
    }
    try {
      Duration duration = Duration.parse(value);
      if (!duration.isNegative() && !duration.isZero()) {
        return duration;
      }
    } catch (java.time.format.DateTimeParseException e) {
      // Reported below, with an example.
    }
    throw new SettingsException(
        name + " must be a duration above 0 such as PT24H or PT0.1S, not " + value);
  }

  /**
   * @throws SettingsException if it is not set, or no such file can be read
   */
  public Path file(String name, String meaning) {
    Path path = Path.of(required(name, meaning));
    if (!Files.isReadable(path)) {
      throw new SettingsException(
          name + " names " + path + ", which cannot be read; it must hold " + meaning);
    }
    return path;
  }

  /**
   * The client settings in the properties file that the variable names.
   *
   * @throws SettingsException if it cannot be read or lacks {@code bootstrap.servers}
   */
  public Map<String, Object> kafka(String name) {
    Path path = file(name, "the path of a properties file with Kafka client settings");
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new SettingsException(name + " names " + path + ", which is no properties file");
    }
    if (properties.getProperty("bootstrap.servers", "").isBlank()) {
      throw new SettingsException(path + " must set bootstrap.servers");
    }
    Map<String, Object> settings = new HashMap<>();
    properties.stringPropertyNames().forEach(key -> settings.put(key, properties.getProperty(key)));
    return settings;
  }

  /**
   * @return the content of the file that the variable names, without surrounding white space
   * @throws SettingsException if it cannot be read or is empty; never shows the content
   */
  public String secret(String name, String meaning) {
    Path path = file(name, "the path of a file with " + meaning);
    try {
      String content = Files.readString(path, StandardCharsets.UTF_8).strip();
      if (!content.isEmpty()) {
        return content;
      }
    } catch (IOException e) {
      // Reported below.
    }
    throw new SettingsException(name + " names " + path + ", which must hold " + meaning);
  }
}
