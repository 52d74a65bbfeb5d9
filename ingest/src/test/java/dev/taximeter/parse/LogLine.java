package dev.taximeter.parse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Builds lines of the default template as the gateway would write them. */
final class LogLine {
  /** Half a minute after the request began. */
  static final Instant ARRIVAL = Instant.parse("2026-11-03T08:14:35Z");

  static final Instant START = Instant.parse("2026-11-03T08:14:05.458Z");
  static final Instant COMPLETION = Instant.parse("2026-11-03T08:14:07.419Z");

  static final String USAGE =
      "{\"api\":\"-\",\"chat_round\":1,\"input_token\":21,\"input_token_details\":{},"
          + "\"llm_service_duration\":1955,\"model\":\"qwen-plus\",\"output_token\":69,"
          + "\"output_token_details\":{},\"response_type\":\"stream\",\"total_token\":90}";

  /** What the plugin leaves behind when the answer never reported usage. */
  static final String NO_USAGE = "{\"api\":\"-\",\"chat_round\":1,\"question\":\"hello\"}";

  private static final Set<String> NUMBERS =
      Set.of("bytes_received", "bytes_sent", "duration", "response_code");

  private final Map<String, byte[]> fields = new LinkedHashMap<>();

  private LogLine() {}

  /** An ordinary answered request: 21 tokens in, 69 out, by key sk-test-00001. */
  static LogLine answered() {
    return new LogLine()
        .aiLog(USAGE)
        .with("authority", "llm.example.com")
        .with("bytes_received", "213")
        .with("bytes_sent", "4410")
        .with("downstream_local_address", "10.0.0.5:8080")
        .with("downstream_remote_address", "203.0.113.7:51422")
        .with("duration", "1961")
        .with("istio_policy_status", "-")
        .with("method", "POST")
        .with("path", "/v1/chat/completions")
        .with("protocol", "HTTP/1.1")
        .with("request_id", "5b0e6c1e-6f0f-4d31-9a52-0c4d1b1e7a01")
        .with("requested_server_name", "-")
        .with("response_code", "200")
        .with("response_flags", "-")
        .with("route_name", "ai-route-qwen.internal")
        .with("start_time", START.toString())
        .with("trace_id", "-")
        .with("upstream_cluster", "outbound|443||llm-qwen.internal.dns")
        .with("upstream_host", "192.0.2.18:443")
        .with("upstream_local_address", "10.0.0.5:32932")
        .with("upstream_service_time", "301")
        .with("upstream_transport_failure_reason", "-")
        .with("user_agent", "client/1.0")
        .with("x_forwarded_for", "203.0.113.7")
        .with("response_code_details", "via_upstream")
        .with("user_api_key", "sk-test-00001")
        .with("client_version", "3.2.0");
  }

  /** A good answer whose usage was never reported. */
  static LogLine withoutUsage() {
    return answered().aiLog(NO_USAGE);
  }

  /** The value of {@code ai_log} as the plugin has it: one JSON object, not yet escaped. */
  LogLine aiLog(String json) {
    return with("ai_log", json.replace("\\", "\\\\").replace("\"", "\\\""));
  }

  LogLine with(String field, String value) {
    return with(field, value.getBytes(StandardCharsets.UTF_8));
  }

  LogLine with(String field, byte[] value) {
    fields.put(field, value);
    return this;
  }

  /** Takes a field away and gives it a place after another. */
  LogLine moved(String field, String after) {
    Map<String, byte[]> all = new LinkedHashMap<>(fields);
    byte[] value = all.remove(field);
    fields.clear();
    all.forEach(
        (name, v) -> {
          fields.put(name, v);
          if (name.equals(after)) {
            fields.put(field, value);
          }
        });
    return this;
  }

  /** The same values in the order of a template. */
  LogLine inOrderOf(Template template) {
    Layout layout = Layout.of(template.text(), template.payer());
    LogLine ordered = new LogLine();
    for (int i = 0; i < layout.size(); i++) {
      String name = layout.field(i).name();
      ordered.with(name, fields.getOrDefault(name, new byte[] {'-'}));
    }
    return ordered;
  }

  LogLine without(String field) {
    fields.remove(field);
    return this;
  }

  /** In TEXT encoding: nothing is escaped. */
  byte[] text() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write('{');
    String separator = "\"";
    for (Map.Entry<String, byte[]> field : fields.entrySet()) {
      out.writeBytes((separator + field.getKey() + "\":\"").getBytes(StandardCharsets.UTF_8));
      out.writeBytes(field.getValue());
      separator = "\",\"";
    }
    out.writeBytes("\"}".getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  /** In JSON encoding: numbers bare, absent values null, everything escaped. */
  byte[] json() {
    StringBuilder out = new StringBuilder("{");
    fields.forEach(
        (name, bytes) -> {
          String value = new String(bytes, StandardCharsets.UTF_8);
          out.append(out.length() == 1 ? "" : ",").append('"').append(name).append("\":");
          if (value.equals("-")) {
            out.append("null");
          } else if (NUMBERS.contains(name)) {
            out.append(value);
          } else {
            out.append('"').append(escape(value)).append('"');
          }
        });
    return out.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String escape(String value) {
    StringBuilder out = new StringBuilder(value.length() + 16);
    for (char c : value.toCharArray()) {
      if (c < ' ') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return out.toString();
  }
}
