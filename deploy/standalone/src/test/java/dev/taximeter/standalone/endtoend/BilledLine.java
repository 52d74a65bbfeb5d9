package dev.taximeter.standalone.endtoend;

import static dev.taximeter.standalone.demo.AccessLogField.*;

import dev.taximeter.standalone.demo.AccessLogLine;
import dev.taximeter.standalone.demo.AiLog;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A line of a small answered request: 10 tokens in, 5 out. */
final class BilledLine {
  private BilledLine() {}

  /**
   * @param serial tells it from others
   * @param key raw
   */
  static String of(int serial, String key, Instant start) {
    return new AccessLogLine()
        .aiLog(
            new AiLog()
                .set("answer", "a")
                .set("api", "-")
                .set("chat_id", "chatcmpl-" + serial)
                .set("input_token", 10)
                .set("messages", List.of(Map.of("role", "user", "content", "q")))
                .set("model", "qwen-plus")
                .set("output_token", 5)
                .set("question", "q")
                .set("response_type", "normal")
                .set("total_token", 15))
        .set(AUTHORITY, "llm.example.com")
        .times(start, 100)
        .set(METHOD, "POST")
        .set(PATH, "/v1/chat/completions")
        .set(PROTOCOL, "HTTP/1.1")
        .set(REQUEST_ID, "request-" + serial)
        .set(RESPONSE_CODE, 200)
        .set(BYTES_SENT, 400)
        .set(ROUTE_NAME, "ai-route-qwen.internal")
        .set(UPSTREAM_CLUSTER, "outbound|443||llm-qwen.internal.dns")
        .set(UPSTREAM_HOST, "192.0.2.18:443")
        .set(RESPONSE_CODE_DETAILS, "via_upstream")
        .set(USER_API_KEY, key)
        .text();
  }
}
