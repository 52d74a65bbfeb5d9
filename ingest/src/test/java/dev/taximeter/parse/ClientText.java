package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an attacker writes into a header, and the fields it ends up in. */
final class ClientText {
  static final String VICTIM = "sk-test-victim";

  /** Every field of the default template that a client has a hand in. */
  static final List<String> FIELDS =
      List.of(
          "authority",
          "method",
          "path",
          "request_id",
          "trace_id",
          "requested_server_name",
          "user_agent",
          "x_forwarded_for",
          "user_api_key",
          "client_version");

  private static final int LONG = 60_000;

  private ClientText() {}

  /** Attacks by name. */
  static Map<String, byte[]> attacks() {
    Map<String, byte[]> attacks = new LinkedHashMap<>();
    put(attacks, "quote", "\"");
    put(attacks, "quotes", "say \"hello\" and \"bye\"");
    put(attacks, "backslashes", "C:\\Users\\me\\agent.exe");
    put(attacks, "trailing backslash", "ends\\");
    put(attacks, "trailing backslashes", "ends\\\\\\");
    put(attacks, "escaped quote", "a\\\"b");
    put(attacks, "closing brace", "x\"}");
    put(attacks, "forged object", "x\"}{\"ai_log\":\"{}\",\"response_code\":\"500\"}");
    put(
        attacks,
        "forged line",
        "x\"}" + new String(LogLine.answered().with("user_api_key", VICTIM).text(), UTF_8));
    put(
        attacks,
        "forged JSON line",
        new String(LogLine.answered().with("user_api_key", VICTIM).json(), UTF_8));
    forged(attacks, "ai_log", "{}", "-", "", "{\\\"input_token\\\":0,\\\"output_token\\\":0}");
    forged(attacks, "user_api_key", VICTIM, "-", "");
    forged(attacks, "api_key", VICTIM);
    forged(attacks, "consumer", "victim");
    forged(attacks, "response_code", "500", "401", "0", "-");
    forged(attacks, "response_flags", "DC", "UH");
    forged(
        attacks,
        "response_code_details",
        "internal_redirect:x",
        "via_wasm::ai-cache::ai-cache.hit",
        "via_wasm::key-auth");
    forged(attacks, "upstream_host", "-");
    forged(attacks, "bytes_sent", "0");
    forged(attacks, "method", "GET");
    forged(attacks, "path", "/health");
    forged(attacks, "route_name", "-");
    forged(
        attacks,
        "start_time",
        "2031-01-01T00:00:00.000Z",
        "1999-01-01T00:00:00.000Z",
        "2026-11-03T08:14:34.999Z",
        "-");
    forged(attacks, "duration", "999999999999999999", "-1", "0", "-");
    forged(attacks, "upstream_cluster", "outbound|443||llm-rank.internal.dns", "-");
    put(
        attacks,
        "forged everything",
        "x\",\"ai_log\":\"{}\",\"response_code\":\"500\",\"response_flags\":\"DC\","
            + "\"response_code_details\":\"via_wasm::ai-cache.hit\",\"upstream_host\":\"-\","
            + "\"bytes_sent\":\"0\",\"user_api_key\":\""
            + VICTIM
            + "\",\"client_version\":\"1\"}");
    put(
        attacks,
        "bare numbers",
        "x\",\"duration\":1,\"response_code\":500,\"bytes_received\":1,\"bytes_sent\":0,\"z\":\"");
    put(attacks, "60 kB", "x".repeat(LONG));
    put(attacks, "60 kB of quotes", "\"".repeat(LONG));
    put(attacks, "60 kB of backslashes", "\\".repeat(LONG));
    put(attacks, "60 kB of keys", ("\",\"user_api_key\":\"" + VICTIM).repeat(LONG / 34));
    put(attacks, "60 kB of starts", "\",\"start_time\":\"".repeat(LONG / 16));
    put(attacks, "60 kB of objects", "{\"ai_log\":\"".repeat(LONG / 11));
    attacks.put("invalid UTF-8", new byte[] {(byte) 0xff, (byte) 0xc0, (byte) 0xed, (byte) 0xa0});
    attacks.put("hiding object", opening(Map.of("user_api_key", VICTIM)));
    put(attacks, "end of a hiding object", CLOSING);
    attacks.put("half a character and a quote", new byte[] {(byte) 0xe5, '"', (byte) 0xa5});
    return attacks;
  }

  /**
   * What makes TEXT look like JSON if two fields work together: the first writes fields and numbers
   * of its own and opens an object that hides what the gateway writes, the second closes it.
   *
   * @param fields names and values that are to take the place of the gateway's
   */
  static byte[] opening(Map<String, String> fields) {
    StringBuilder text = new StringBuilder("x\"");
    fields.forEach(
        (name, value) -> text.append(",\"").append(name).append("\":\"").append(value).append('"'));
    for (String number : List.of("duration", "response_code", "bytes_received", "bytes_sent")) {
      text.append(",\"").append(number).append("\":1");
    }
    return text.append(",\"zz\":{\"a\":\"b").toString().getBytes(UTF_8);
  }

  /** What closes it. */
  static final String CLOSING = "x\"},\"q\":\"y";

  private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

  private static void forged(Map<String, byte[]> attacks, String field, String... values) {
    for (String value : values) {
      put(attacks, field + "=" + value, "x\",\"" + field + "\":\"" + value);
      put(attacks, field + "=" + value + " closed", "x\",\"" + field + "\":\"" + value + "\"}");
    }
  }

  private static void put(Map<String, byte[]> attacks, String name, String text) {
    attacks.put(name, text.getBytes(UTF_8));
  }
}
