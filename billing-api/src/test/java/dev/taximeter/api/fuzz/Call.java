package dev.taximeter.api.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request that a fuzzer makes up, before it is sent. */
final class Call {
  final ApiDocument.Operation operation;
  String method;
  String path;
  String query = "";
  final Map<String, String> headers = new LinkedHashMap<>();
  byte[] body = new byte[0];

  /** What was done to it on purpose, for messages. */
  String twist = "none";

  /** Statuses that the twist must lead to, whatever else is wrong; 0 if anything goes. */
  int mustBe;

  /** Whether a success would be a mistake. */
  boolean mustFail;

  Call(ApiDocument.Operation operation) {
    this.operation = operation;
    this.method = operation.method();
    this.path = operation.path();
  }

  String address() {
    return query.isEmpty() ? path : path + "?" + query;
  }

  @Override
  public String toString() {
    int most = 300;
    String text = new String(body, StandardCharsets.UTF_8);
    Map<String, String> shown = new LinkedHashMap<>(headers);
    shown.remove("Authorization");
    String line =
        "%s %s %s %s (twist: %s)".formatted(method, address(), shown, shortened(text, most), twist);
    return shortened(line, 2 * most);
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "…";
  }
}
