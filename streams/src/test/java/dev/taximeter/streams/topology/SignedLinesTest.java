package dev.taximeter.streams.topology;

import static dev.taximeter.streams.topology.Meter.NOW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Reason;
import dev.taximeter.contract.event.SuspendedUsage.Candidate;
import dev.taximeter.contract.event.SuspenseItem;
import dev.taximeter.contract.event.Usage;
import dev.taximeter.contract.event.UsageEvent;
import dev.taximeter.contract.security.GateIdentity;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.topic.Topics;
import dev.taximeter.parse.AccessLogParser;
import dev.taximeter.parse.ParserSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines as gateways write them that name their payer with what the gate has signed. */
class SignedLinesTest {
  private static final String TEXT =
      """
      {"ai_log":"{\\"input_token\\":1000,\\"model\\":\\"qwen-max\\",\\"output_token\\":0}",\
      "authority":"a","bytes_received":"2","bytes_sent":"4","downstream_local_address":"10.0.0.5:80",\
      "downstream_remote_address":"203.0.113.7:5","duration":"%d","istio_policy_status":"-",\
      "method":"POST","path":"/v1/chat/completions","protocol":"HTTP/1.1","request_id":"r",\
      "requested_server_name":"-","response_code":"200","response_flags":"-",\
      "route_name":"ai-route-qwen.internal","start_time":"%s","trace_id":"-",\
      "upstream_cluster":"outbound|443||llm-qwen.internal.dns","upstream_host":"192.0.2.18:443",\
      "upstream_local_address":"10.0.0.5:3","upstream_service_time":"3",\
      "upstream_transport_failure_reason":"-","user_agent":"%s","x_forwarded_for":"203.0.113.7",\
      "response_code_details":"via_upstream","user_api_key":"%s","client_version":"-"}""";

  private static final Duration STREAM = Duration.ofSeconds(690);
  private static final GateIdentity GATE = GateIdentity.of(Meter.SECRET);
  private static final String KEY = Meter.key("acme", "acme-prod", "sk-demo-00001").fingerprint();

  @TempDir private Path stateDirectory;
  private Meter meter;

  @BeforeEach
  void start() {
    AccessLogParser parser = new AccessLogParser(ParserSettings.defaults());
    meter =
        new Meter(
            stateDirectory,
            (line, source, arrival, doubtful) -> parser.parse(line, arrival, doubtful));
    meter.command("load", Meter.catalogue());
    meter.settle();
  }

  @AfterEach
  void stop() {
    meter.close();
  }

  private static String text(Instant start, Duration duration, String agent, String payer) {
    return TEXT.formatted(duration.toMillis(), start, agent, payer);
  }

  /** A forged start in front of the gateway's is one that nobody can tell from it. */
  private static String forged(Instant start, Duration duration, Instant forged, String payer) {
    return text(start, duration, "x\",\"start_time\":\"" + forged + "\",\"y\":\"", payer);
  }

  private static String json(String text) {
    // The gateway's encoder escapes what the plugin has escaped.
    String escaped = text.replace("\\\"", "\\\\\\\"");
    return escaped.replaceAll(
        "\"(duration|response_code|bytes_[a-z]+)\":\"([0-9]+)\"", "\"$1\":$2");
  }

  private List<UsageEvent> ship(String line) {
    meter.ship(line);
    meter.settle();
    return meter.events();
  }

  private void assertBilled(List<UsageEvent> events) {
    assertThat(events).hasSize(1);
    Usage usage = events.get(0).usage();
    assertThat(usage.fate()).isEqualTo(Fate.BILLED);
    assertThat(events.get(0).account()).isEqualTo("acme");
    assertThat(usage.keyFingerprint()).isEqualTo(KEY);
    assertThat(usage.flags()).doesNotContain(Usage.IDENTITY_REFUSED);
  }

  private void assertSuspended(List<UsageEvent> events, Candidate... candidates) {
    assertThat(events).isEmpty();
    List<SuspenseItem> items = meter.read(Topics.SUSPENSE_ITEMS, SuspenseItem.class);
    assertThat(items).hasSize(1);
    SuspenseItem item = items.get(0);
    assertThat(item.suspended().reason()).isEqualTo(Reason.PAYER_UNCERTAIN);
    assertThat(item.suspended().usage().tokens().input()).isEqualTo(1_000);
    assertThat(item.suspended().usage().flags()).contains(Usage.IDENTITY_REFUSED);
    assertThat(item.suspended().evidence().candidates()).containsExactly(candidates);
  }

  @Test
  void whatTheGateSignedPaysInTextAndInJson() {
    String line = text(NOW.minusSeconds(9), Duration.ofSeconds(8), "a", GATE.sign(KEY, NOW));
    assertBilled(ship(line));
    assertBilled(ship(json(line)));
  }

  /** Signed at its beginning, or at its end by whoever took his time to send it. */
  @Test
  void aStreamMayLastLongerThanASignature() {
    Instant start = NOW.minus(STREAM);
    assertBilled(ship(text(start, STREAM, "a", GATE.sign(KEY, start))));
    assertBilled(ship(json(text(start, STREAM, "b", GATE.sign(KEY, NOW)))));
  }

  /** The start that such a line is given lies long after the signature. */
  @Test
  void aClientCannotMakeItsOwnIdentityInvalid() {
    Instant start = NOW.minus(Duration.ofMinutes(12));
    String payer = GATE.sign(KEY, start);
    assertBilled(ship(forged(start, STREAM, NOW.minusSeconds(2), payer)));
    Instant late = NOW.minus(Duration.ofMinutes(30));
    assertBilled(
        ship(
            forged(
                late,
                Duration.ofSeconds(5),
                NOW.minus(Duration.ofMinutes(15)),
                GATE.sign(KEY, late))));
  }

  @Test
  void whatNoGateSignedIsHeldWithTheKeyItNames() {
    GateIdentity stranger = GateIdentity.of(RootSecret.of("x".repeat(32).getBytes(UTF_8)));
    String payer = stranger.sign(KEY, NOW);
    Candidate named = new Candidate(KEY, "", "acme", "acme-prod", false);
    String line = text(NOW.minusSeconds(9), Duration.ofSeconds(8), "a", payer);
    assertSuspended(ship(line), named);
    assertSuspended(ship(json(line)), named);
    assertSuspended(
        ship(forged(NOW.minusSeconds(9), Duration.ofSeconds(8), NOW.minusSeconds(2), payer)),
        named);
    assertSuspended(ship(text(NOW.minusSeconds(9), Duration.ofSeconds(8), "a", "tmg1.x")));
  }

  /** An old one that was read in a log, or a clock that is wrong. */
  @Test
  void whatWasSignedForAnotherTimeIsHeldAsSigned() {
    Candidate named = new Candidate(KEY, "", "acme", "acme-prod", true);
    String old = GATE.sign(KEY, NOW.minus(Duration.ofHours(1)));
    assertSuspended(ship(text(NOW.minusSeconds(9), Duration.ofSeconds(8), "a", old)), named);
    String future = GATE.sign(KEY, NOW.plus(Duration.ofHours(1)));
    assertSuspended(
        ship(forged(NOW.minusSeconds(9), Duration.ofSeconds(8), NOW.minusSeconds(2), future)),
        named);
  }

  @Test
  void aSchemeInTheLogDoesNotHideTheKey() {
    assertBilled(
        ship(text(NOW.minusSeconds(9), Duration.ofSeconds(8), "a", "Bearer sk-demo-00001")));
  }
}
