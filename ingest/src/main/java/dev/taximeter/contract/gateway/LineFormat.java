package dev.taximeter.contract.gateway;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a collector has wrapped around the gateway's lines; a shipper unwraps it. */
public enum LineFormat {
  /** Nothing: the gateway's own file. */
  PLAIN,
  /** An instant, then a space or a tab, before each line. */
  TIMESTAMP,
  /** Kubernetes: instant, stream, and P or F before each piece of a line. */
  CRI,
  /** Docker's json-file: one JSON object around each piece of a line. */
  DOCKER_JSON;

  /** The names that the configuration file uses, in the order of the constants. */
  public static List<String> codes() {
    return Arrays.stream(values()).map(LineFormat::code).toList();
  }

  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
