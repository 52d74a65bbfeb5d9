package dev.taximeter.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.catalog.AlertKind;
import dev.taximeter.contract.catalog.Recipient.Channel;
import dev.taximeter.contract.event.AlertMessage;
import dev.taximeter.contract.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ShapesTest {
  private static final byte[] SECRET = "0123456789abcdef01234567".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OLD = "old-secret-old-secret-24".getBytes(StandardCharsets.UTF_8);

  private static Letter letter(Channel channel, String robotSecret, AlertMessage message) {
    return Shapes.letter(
        new Addressed(
            channel,
            "https://hooks.example.com/x?token=t",
            robotSecret,
            List.of(SECRET, OLD),
            "[billing]"),
        "msg_1",
        message,
        Messages.NOW);
  }

  private static JsonNode body(Letter letter) {
    return Json.MAPPER.readTree(letter.body());
  }

  private static String hmac(byte[] key, String data) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return Base64.getEncoder().encodeToString(mac.doFinal(data.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void webhooksAreSignedByEverySecretInForce() throws Exception {
    Letter letter = letter(Channel.WEBHOOK, null, Messages.quota("a1", "acme"));

    String text = new String(letter.body(), StandardCharsets.UTF_8);
    String signed = "msg_1." + Messages.NOW.getEpochSecond() + "." + text;
    assertThat(letter.headers())
        .containsEntry(
            "webhook-signature", "v1," + hmac(SECRET, signed) + " v1," + hmac(OLD, signed));
    JsonNode body = body(letter);
    assertThat(body.path("type").asString()).isEqualTo("alert.quota");
    assertThat(body.path("timestamp").asString()).isEqualTo("2026-11-24T09:30:00Z");
    assertThat(body.path("data").path("account").asString()).isEqualTo("acme");
    assertThat(body.path("data").path("details").path("threshold").asString()).isEqualTo("80");
  }

  @Test
  void alertManagersGetAnEnd() {
    JsonNode alert = body(letter(Channel.ALERTMANAGER, null, Messages.quota("a1", "acme"))).get(0);
    assertThat(alert.path("labels").path("alertname").asString()).isEqualTo("TaximeterQuota");
    assertThat(alert.path("labels").path("account").asString()).isEqualTo("acme");
    assertThat(alert.path("endsAt").asString()).isEqualTo("2026-12-01T00:00:00Z");

    AlertMessage open =
        new AlertMessage(
            "i1", AlertKind.GAP, false, null, "h:/a", "t", "x", Messages.NOW, null, Map.of());
    assertThat(body(letter(Channel.ALERTMANAGER, null, open)).get(0).path("endsAt").asString())
        .isEqualTo("2026-12-01T09:30:00Z");
    Instant end = Messages.NOW.plusSeconds(60);
    AlertMessage over =
        new AlertMessage(
            "i1", AlertKind.GAP, true, null, "h:/a", "t", "x", Messages.NOW, end, Map.of());
    JsonNode resolved = body(letter(Channel.ALERTMANAGER, null, over)).get(0);
    assertThat(resolved.path("endsAt").asString()).isEqualTo("2026-11-24T09:31:00Z");
    // The same labels: else it would be another alert.
    assertThat(resolved.path("labels"))
        .isEqualTo(body(letter(Channel.ALERTMANAGER, null, open)).get(0).path("labels"));
  }

  @Test
  void dingTalkSignsInTheAddress() throws Exception {
    Letter letter = letter(Channel.DINGTALK, "SECabc", Messages.quota("a1", "acme"));

    long millis = Messages.NOW.toEpochMilli();
    String sign =
        java.net.URLEncoder.encode(
            hmac("SECabc".getBytes(StandardCharsets.UTF_8), millis + "\nSECabc"),
            StandardCharsets.UTF_8);
    assertThat(letter.address().toString())
        .isEqualTo("https://hooks.example.com/x?token=t&timestamp=" + millis + "&sign=" + sign);
    assertThat(body(letter).path("markdown").path("text").asString()).startsWith("[billing] Quota");
    assertThat(letter(Channel.DINGTALK, null, Messages.quota("a1", "acme")).address().toString())
        .isEqualTo("https://hooks.example.com/x?token=t");
  }

  @Test
  void feishuSignsNothingWithTheKeyThatOthersSign() throws Exception {
    JsonNode body = body(letter(Channel.FEISHU, "abc", Messages.quota("a1", "acme")));

    long seconds = Messages.NOW.getEpochSecond();
    assertThat(body.path("timestamp").asString()).isEqualTo(Long.toString(seconds));
    assertThat(body.path("sign").asString())
        .isEqualTo(hmac((seconds + "\nabc").getBytes(StandardCharsets.UTF_8), ""));
    assertThat(body.path("content").path("text").asString()).startsWith("[billing] Quota");
  }

  @Test
  void weComTakesTwoThousandBytes() {
    AlertMessage quota = Messages.quota("a1", "acme");
    AlertMessage message =
        new AlertMessage(
            "a1",
            AlertKind.QUOTA,
            false,
            "acme",
            "q",
            quota.title(),
            "额".repeat(2_000),
            Messages.NOW,
            null,
            Map.of());
    String text =
        body(letter(Channel.WECOM, null, message)).path("text").path("content").asString();

    assertThat(text.getBytes(StandardCharsets.UTF_8).length).isBetween(2_046, 2_048);
    assertThat(text).endsWith("额");
    assertThat(Shapes.cut("a😀b", 4)).isEqualTo("a");
    assertThat(Shapes.cut("a😀b", 5)).isEqualTo("a😀");
  }

  @Test
  void slackGetsNoMentions() {
    AlertMessage message =
        new AlertMessage(
            "a1",
            AlertKind.GAP,
            false,
            null,
            "",
            "<!channel> & more",
            "x",
            Messages.NOW,
            null,
            Map.of());
    assertThat(body(letter(Channel.SLACK, null, message)).path("text").asString())
        .isEqualTo("[billing] &lt;!channel&gt; &amp; more\nx");
  }

  @Test
  void nobodyIsCalledAndNothingLinkedBySomethingInAName() {
    AlertMessage message =
        new AlertMessage(
            "a1",
            AlertKind.GAP,
            false,
            null,
            "",
            "<at user_id=\"all\">x</at>",
            "![x](https://evil.example/)",
            Messages.NOW,
            null,
            Map.of());
    assertThat(body(letter(Channel.FEISHU, null, message)).path("content").path("text").asString())
        .isEqualTo("[billing] ＜at user_id=\"all\"＞x＜/at＞\n![x](https://evil.example/)");
    assertThat(
            body(letter(Channel.DINGTALK, null, message)).path("markdown").path("text").asString())
        .isEqualTo("[billing] ＜at user_id=\"all\"＞x＜/at＞\n\n![x] (https://evil.example/)");
  }

  @Test
  void successIsWhatTheChannelSays() {
    assertThat(Shapes.isAccepted(Channel.WEBHOOK, 204, "")).isTrue();
    assertThat(Shapes.isAccepted(Channel.WEBHOOK, 302, "")).isFalse();
    assertThat(Shapes.isAccepted(Channel.SLACK, 200, "ok\n")).isTrue();
    assertThat(Shapes.isAccepted(Channel.SLACK, 200, "invalid_payload")).isFalse();
    assertThat(Shapes.isAccepted(Channel.DINGTALK, 200, "")).isFalse();
    assertThat(Shapes.isAccepted(Channel.DINGTALK, 200, "{\"errcode\":\"0\"}")).isFalse();
    assertThat(Shapes.isAccepted(Channel.FEISHU, 200, "{\"code\":0}")).isTrue();
    assertThat(Shapes.isAccepted(Channel.FEISHU, 200, "{\"StatusCode\":0}")).isTrue();
    assertThat(Shapes.isAccepted(Channel.FEISHU, 200, "{\"code\":19021}")).isFalse();
    assertThat(Shapes.isAccepted(Channel.FEISHU, 200, "{\"code\":19021,\"StatusCode\":0}"))
        .isFalse();
    assertThat(Shapes.isAccepted(Channel.WECOM, 500, "{\"errcode\":0}")).isFalse();
  }
}
