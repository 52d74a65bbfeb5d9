package dev.taximeter.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.settings.AddressRange;
import dev.taximeter.contract.catalog.Recipient.Channel;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What receivers do to whoever sends them something. */
@Timeout(60)
class HttpCourierTest {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private Receiver receiver;
  private HttpCourier courier;

  @BeforeEach
  void start() throws Exception {
    receiver = new Receiver();
    courier =
        new HttpCourier(
            InetAddress::getAllByName,
            List.of(new AddressRange(InetAddress.getByName("127.0.0.1"), 32)),
            PATIENCE);
  }

  @AfterEach
  void stop() throws Exception {
    courier.close();
    receiver.close();
  }

  private Verdict send(String address) {
    return send(address, Channel.WEBHOOK);
  }

  private Verdict send(String address, Channel channel) {
    Addressed to =
        new Addressed(channel, address, null, List.of("0123".getBytes(StandardCharsets.UTF_8)), "");
    return courier.send(to, "msg_1", Messages.quota("a1", "acme"), Messages.NOW);
  }

  @Test
  void aMessageArrivesSigned() {
    receiver.answer = "thanks";

    Verdict verdict = send(receiver.url("/hook?x=1"));

    assertThat(verdict).isEqualTo(new Verdict(200, "thanks", true, false, null));
    Receiver.Request request = receiver.requests.get(0);
    assertThat(request.path()).isEqualTo("/hook?x=1");
    assertThat(request.headers())
        .containsEntry("webhook-id", "msg_1")
        .containsEntry("webhook-timestamp", Long.toString(Messages.NOW.getEpochSecond()))
        .containsEntry("user-agent", "Taximeter")
        .containsKey("webhook-signature");
    assertThat(request.headers().get("content-type")).startsWith("application/json");
  }

  @Test
  void whatReceiversSayIsWrittenDown() {
    receiver.status = 503;
    receiver.answer = "down\r\nfor lunch";
    receiver.retryAfter = "120";

    assertThat(send(receiver.url("/")))
        .isEqualTo(new Verdict(503, "down for lunch", false, false, Duration.ofMinutes(2)));
    receiver.retryAfter = "Tue, 24 Nov 2026 09:31:00 GMT";
    assertThat(send(receiver.url("/")).retryAfter()).isEqualTo(Duration.ofMinutes(1));
    receiver.retryAfter = "99999999";
    assertThat(send(receiver.url("/")).retryAfter()).isEqualTo(Duration.ofDays(1));
    receiver.retryAfter = "soon";
    assertThat(send(receiver.url("/")).retryAfter()).isNull();
  }

  @Test
  void goneIsGone() {
    receiver.status = 410;

    assertThat(send(receiver.url("/")).gone()).isTrue();
  }

  @Test
  void redirectsAreFailuresAndNotFollowed() throws Exception {
    try (Receiver hidden = new Receiver()) {
      receiver.location = hidden.url("/latest/meta-data");
      for (int status : new int[] {301, 302, 303, 307, 308}) {
        receiver.status = status;
        Verdict verdict = send(receiver.url("/"));
        assertThat(verdict.accepted()).isFalse();
        assertThat(verdict.status()).isEqualTo(status);
      }
      assertThat(hidden.requests).isEmpty();
    }
  }

  @Test
  void whoHangsIsLeftAlone() {
    receiver.hangs = true;
    long began = System.nanoTime();

    Verdict verdict = send(receiver.url("/"));

    assertThat(verdict.accepted()).isFalse();
    assertThat(verdict.answer()).contains("no answer within");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE.multipliedBy(5));
  }

  @Test
  void anEndlessAnswerIsNotReadToItsEnd() {
    receiver.endless = true;
    long began = System.nanoTime();

    Verdict verdict = send(receiver.url("/"));

    assertThat(verdict.accepted()).isTrue();
    assertThat(verdict.answer().length()).isLessThanOrEqualTo(HttpCourier.MOST_KEPT + 1);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE.multipliedBy(5));
  }

  @Test
  void aNameThatMeansAPrivateAddressIsRefused() throws Exception {
    try (HttpCourier strict =
        new HttpCourier(
            host -> new InetAddress[] {InetAddress.getByName("127.0.0.1")}, List.of(), PATIENCE)) {
      for (String address :
          List.of(
              "https://innocent.example:" + receiver.port() + "/",
              "http://innocent.example:" + receiver.port() + "/",
              "https://127.0.0.1:" + receiver.port() + "/",
              "https://[::1]:" + receiver.port() + "/")) {
        Addressed to = new Addressed(Channel.WEBHOOK, address, null, List.of(new byte[32]), "");
        Verdict verdict = strict.send(to, "msg_1", Messages.quota("a1", "acme"), Messages.NOW);
        assertThat(verdict.answer()).as(address).contains("not public");
      }
    }
    assertThat(receiver.requests).isEmpty();
  }

  /** A name that means something else a moment later: the second look-up never happens. */
  @Test
  void theConnectionGoesToTheAddressThatWasChecked() throws Exception {
    int[] asked = {0};
    try (HttpCourier rebound =
        new HttpCourier(
            host -> {
              asked[0]++;
              return new InetAddress[] {InetAddress.getByName("127.0.0.1")};
            },
            List.of(new AddressRange(InetAddress.getByName("127.0.0.1"), 32)),
            PATIENCE)) {
      Addressed to =
          new Addressed(
              Channel.WEBHOOK,
              "http://name.invalid:" + receiver.port() + "/",
              null,
              List.of(new byte[32]),
              "");
      Verdict verdict = rebound.send(to, "msg_1", Messages.quota("a1", "acme"), Messages.NOW);
      assertThat(verdict.accepted()).isTrue();
      assertThat(asked[0]).isEqualTo(1);
      assertThat(receiver.requests.get(0).headers().get("host")).startsWith("name.invalid");
    }
  }

  @Test
  void robotsSayInTheBodyWhetherTheyTookIt() {
    receiver.answer = "{\"errcode\":310000,\"errmsg\":\"keywords not in content\"}";
    Verdict refused = send(receiver.url("/"), Channel.DINGTALK);
    assertThat(refused.status()).isEqualTo(200);
    assertThat(refused.accepted()).isFalse();
    assertThat(refused.answer()).contains("keywords not in content");

    receiver.answer = "{\"errcode\":0,\"errmsg\":\"ok\"}";
    assertThat(send(receiver.url("/"), Channel.DINGTALK).accepted()).isTrue();
    assertThat(send(receiver.url("/"), Channel.WECOM).accepted()).isTrue();
    assertThat(send(receiver.url("/"), Channel.FEISHU).accepted()).isFalse();
  }

  @Test
  void nobodyIsThere() {
    String address = receiver.url("/");
    receiver.close();

    assertThat(send(address).answer()).startsWith("no answer");
    assertThat(send("https://name.invalid/").answer()).contains("not known");
  }
}
