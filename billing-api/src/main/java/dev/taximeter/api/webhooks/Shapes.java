package dev.taximeter.api.webhooks;

import dev.taximeter.contract.catalog.Recipient.Channel;
import dev.taximeter.contract.event.AlertMessage;
import dev.taximeter.contract.json.Json;
import dev.taximeter.contract.security.SigningSecrets;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** How each channel wants a message, and how it says that it has taken it. Pure. */
final class Shapes {
  private static final String HMAC = "HmacSHA256";

  /** Bytes; WeCom takes no more in a text. */
  private static final int LONGEST_WECOM_TEXT = 2_048;

  /** Bytes; the others take 20 kB with what is around it. */
  private static final int LONGEST_TEXT = 16_000;

  /** An alert manager forgets an alert that has no end before it is repeated. */
  private static final Duration UNTIL_FORGOTTEN = Duration.ofDays(7);

  private static final int SUCCESS = 200;
  private static final int NO_SUCCESS = 300;

  private Shapes() {}

  /**
   * Puts a message into a channel's shape.
   *
   * @param id of the delivery
   * @param now when it is sent
   */
  static Letter letter(Addressed to, String id, AlertMessage message, Instant now) {
    URI address = URI.create(to.address());
    return switch (to.channel()) {
      case WEBHOOK -> webhook(address, to.signingSecrets(), id, message, now);
      case ALERTMANAGER ->
          new Letter(address, Map.of(), json(List.of(alertManagers(message, now))));
      case SLACK -> new Letter(address, Map.of(), json(Map.of("text", escaped(text(to, message)))));
      case DINGTALK ->
          new Letter(
              signedForDingTalk(to, now),
              Map.of(),
              json(
                  Map.of(
                      "msgtype",
                      "markdown",
                      "markdown",
                      Map.of(
                          "title",
                          prefixed(to, message.title()),
                          "text",
                          plain(text(to, message)).replace("\n", "\n\n")))));
      case FEISHU -> new Letter(address, Map.of(), json(feishus(to, message, now)));
      case WECOM ->
          new Letter(
              address,
              Map.of(),
              json(
                  Map.of(
                      "msgtype",
                      "text",
                      "text",
                      Map.of("content", cut(text(to, message), LONGEST_WECOM_TEXT)))));
      case EMAIL -> throw new IllegalArgumentException("mail is not posted");
    };
  }

  private static byte[] json(Object value) {
    return Json.MAPPER.writeValueAsBytes(value);
  }

  /** Standard Webhooks: every secret in force signs. */
  private static Letter webhook(
      URI address, List<byte[]> secrets, String id, AlertMessage message, Instant now) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", message.type());
    body.put("timestamp", happened(message).toString());
    body.put("data", message);
    byte[] bytes = json(body);
    String timestamp = Long.toString(now.getEpochSecond());
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", timestamp);
    headers.put(
        "webhook-signature",
        secrets.stream()
            .map(secret -> "v1," + signature(secret, id, timestamp, bytes))
            .collect(Collectors.joining(" ")));
    return new Letter(address, headers, bytes);
  }

  private static Instant happened(AlertMessage message) {
    Instant end = message.endsAt();
    return message.resolved() && end != null ? end : message.startsAt();
  }

  private static String signature(byte[] secret, String id, String timestamp, byte[] body) {
    byte[] head = (id + '.' + timestamp + '.').getBytes(StandardCharsets.UTF_8);
    byte[] signed = new byte[head.length + body.length];
    System.arraycopy(head, 0, signed, 0, head.length);
    System.arraycopy(body, 0, signed, head.length, body.length);
    return base64(SigningSecrets.mac(HMAC, secret, signed));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static Map<String, Object> alertManagers(AlertMessage message, Instant now) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("alertname", "Taximeter" + camelCase(message.kind().code()));
    labels.put("severity", severity(message));
    labels.put("taximeter_alert", message.alert());
    if (message.account() != null) {
      labels.put("account", message.account());
    }
    if (!message.subject().isEmpty()) {
      labels.put("subject", message.subject());
    }
    Instant end = message.endsAt();
    Map<String, Object> alert = new LinkedHashMap<>();
    alert.put("labels", labels);
    alert.put("annotations", Map.of("summary", message.title(), "description", message.text()));
    alert.put("startsAt", message.startsAt().toString());
    alert.put("endsAt", (end == null ? now.plus(UNTIL_FORGOTTEN) : end).toString());
    return alert;
  }

  private static String camelCase(String code) {
    StringBuilder name = new StringBuilder();
    for (String word : code.split("-", -1)) {
      name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return name.toString();
  }

  private static String severity(AlertMessage message) {
    return switch (message.kind()) {
      case TEST -> "info";
      case QUOTA, BALANCE_LOW, UNPRICED_MODEL, SILENT_SOURCE -> "warning";
      case BALANCE_EXHAUSTED, LEAKAGE, TAMPERING, GAP, RESIDUAL, DRIFT -> "critical";
    };
  }

  private static URI signedForDingTalk(Addressed to, Instant now) {
    String secret = to.channelSecret();
    if (secret == null) {
      return URI.create(to.address());
    }
    long timestamp = now.toEpochMilli();
    byte[] sign = SigningSecrets.mac(HMAC, utf8(secret), utf8(timestamp + "\n" + secret));
    String glue = to.address().contains("?") ? "&" : "?";
    return URI.create(
        "%s%stimestamp=%d&sign=%s"
            .formatted(
                to.address(),
                glue,
                timestamp,
                URLEncoder.encode(base64(sign), StandardCharsets.UTF_8)));
  }

  /** The key is what others sign, and nothing is signed. */
  private static Map<String, Object> feishus(Addressed to, AlertMessage message, Instant now) {
    Map<String, Object> body = new LinkedHashMap<>();
    String secret = to.channelSecret();
    if (secret != null) {
      String timestamp = Long.toString(now.getEpochSecond());
      body.put("timestamp", timestamp);
      body.put(
          "sign", base64(SigningSecrets.mac(HMAC, utf8(timestamp + "\n" + secret), new byte[0])));
    }
    body.put("msg_type", "text");
    body.put("content", Map.of("text", withoutTags(text(to, message))));
    return body;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String prefixed(Addressed to, String text) {
    return to.prefix().isEmpty() ? text : to.prefix() + " " + text;
  }

  private static String text(Addressed to, AlertMessage message) {
    return cut(prefixed(to, message.title()) + "\n" + message.text(), LONGEST_TEXT);
  }

  /** Slack takes these for links and mentions. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** No link and no picture; what else markdown makes of it is only looks. */
  private static String plain(String text) {
    return withoutTags(text).replace("](", "] (");
  }

  /**
   * Feishu takes {@code <at user_id="all">} for a call to everybody, and knows no way to write it.
   */
  private static String withoutTags(String text) {
    return text.replace('<', '＜').replace('>', '＞');
  }

  /** {@return the longest beginning of a text that has so many bytes in UTF-8} */
  static String cut(String text, int bytes) {
    int length = 0;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      length += Character.toString(codePoint).getBytes(StandardCharsets.UTF_8).length;
      if (length > bytes) {
        return text.substring(0, i);
      }
      i += Character.charCount(codePoint);
    }
    return text;
  }

  /** {@return whether the receiver has taken the message: for robots, their code says so} */
  static boolean isAccepted(Channel channel, int status, String body) {
    boolean success = status >= SUCCESS && status < NO_SUCCESS;
    return success
        && switch (channel) {
          case WEBHOOK, ALERTMANAGER, EMAIL -> true;
          case SLACK -> body.strip().equals("ok");
          case DINGTALK, WECOM -> isZero(body, "errcode");
          case FEISHU -> isZero(body, has(body, "code") ? "code" : "StatusCode");
        };
  }

  private static boolean has(String body, String field) {
    try {
      return Json.MAPPER.readTree(body).has(field);
    } catch (JacksonException e) {
      return false;
    }
  }

  private static boolean isZero(String body, String field) {
    try {
      JsonNode code = Json.MAPPER.readTree(body).get(field);
      return isNumber(code) && code.asInt() == 0;
    } catch (JacksonException e) {
      return false;
    }
  }

  private static boolean isNumber(@Nullable JsonNode code) {
    return code != null && code.isIntegralNumber();
  }
}
