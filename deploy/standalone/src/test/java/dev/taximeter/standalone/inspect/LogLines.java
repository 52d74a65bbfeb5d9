package dev.taximeter.standalone.inspect;

import dev.taximeter.standalone.demo.AccessLogField;
import dev.taximeter.standalone.demo.AccessLogLine;
import dev.taximeter.standalone.demo.AiLog;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/** Lines of a gateway. */
final class LogLines {
  static final String KEY = "sk-planted-secret-0001";
  static final Instant START = Instant.parse("2026-11-03T08:14:05.458Z");

  private LogLines() {}

  static AiLog usage(String model, long input, long output) {
    return new AiLog()
        .set("api", "-")
        .set("chat_round", 1)
        .set("input_token", input)
        .set("model", model)
        .set("output_token", output)
        .set("response_type", "normal")
        .set("total_token", input + output);
  }

  /** A good answer to a request of one second that began so many seconds after the first. */
  static AccessLogLine line(int second) {
    return new AccessLogLine()
        .set(AccessLogField.AUTHORITY, "llm.example.com")
        .set(AccessLogField.BYTES_SENT, 1021)
        .set(AccessLogField.METHOD, "POST")
        .set(AccessLogField.PATH, "/v1/chat/completions")
        .set(AccessLogField.RESPONSE_CODE, 200)
        .set(AccessLogField.RESPONSE_CODE_DETAILS, "via_upstream")
        .set(AccessLogField.ROUTE_NAME, "ai-route-qwen.internal")
        .set(AccessLogField.UPSTREAM_CLUSTER, "outbound|443||llm-qwen.internal.dns")
        .set(AccessLogField.UPSTREAM_HOST, "192.0.2.18:443")
        .set(AccessLogField.USER_API_KEY, KEY)
        .times(START.plusSeconds(second), 1_000);
  }

  /** The same in JSON encoding. */
  static String json(AiLog aiLog) {
    String text = new AccessLogLine().aiLog(aiLog).text();
    String value = text.substring("{\"ai_log\":\"".length(), text.indexOf("\",\"authority"));
    String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"");
    return "{\"ai_log\":\""
        + escaped
        + "\",\"bytes_received\":213,\"bytes_sent\":1021,\"consumer\":\"alice\",\"duration\":1000,\"method\":\"POST\","
        + "\"path\":\"/v1/chat/completions\",\"response_code\":200,\"response_code_details\":"
        + "\"via_upstream\",\"route_name\":\"ai-route-qwen.internal\",\"start_time\":"
        + "\"2026-11-03T08:20:00.123456789Z\",\"upstream_host\":\"192.0.2.18:443\","
        + "\"upstream_cluster\":\"outbound|443||llm-qwen.internal.dns\",\"user_api_key\":\""
        + KEY
        + "\"}";
  }

  static AiLog withDetails(AiLog aiLog) {
    return aiLog.set("input_token_details", Map.of("cached_tokens", 100));
  }

  static byte[] bytes(String line) {
    return line.getBytes(StandardCharsets.UTF_8);
  }
}
