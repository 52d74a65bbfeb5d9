package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.audit.AuditProgress;
import dev.taximeter.api.audit.AuditTrouble;
import dev.taximeter.api.audit.Difference;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuditApiTest extends ApiTest {
  @Test
  void beforeTheFirstRoundNothingIsSaid() {
    Answer answer = get("/v1/audit");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("on").asBoolean()).isTrue();
    assertThat(answer.json().path("drift").asLong()).isZero();
    assertThat(answer.json().has("roundCompletedAt")).isFalse();
  }

  @Test
  void differencesAreNamedAndCounted() {
    audited.state =
        new AuditProgress.State(
            true,
            Instant.parse("2026-11-24T09:00:00Z"),
            Instant.parse("2026-11-24T08:00:00Z"),
            7,
            3,
            21,
            List.of(
                new Difference("balances", "acme", "spent", "12.5", "12.4"),
                new Difference("conservation", "", "2026-11-24T08:00:00Z", "95", "93")),
            "account globex: ClickHouse is away",
            new AuditTrouble(
                AuditTrouble.Kind.STALLED,
                Instant.parse("2026-11-24T08:00:00Z"),
                "Nothing could be audited since then."));

    Answer answer = get("/v1/audit");

    assertThat(answer.json().path("drift").asLong()).isEqualTo(21);
    assertThat(answer.json().path("accounts").asLong()).isEqualTo(7);
    assertThat(answer.json().path("audited").asLong()).isEqualTo(3);
    assertThat(answer.json().path("roundCompletedAt").asString()).isEqualTo("2026-11-24T08:00:00Z");
    assertThat(answer.json().path("differences").get(0).path("account").asString())
        .isEqualTo("acme");
    assertThat(answer.json().path("differences").get(0).path("actual").asString())
        .isEqualTo("12.4");
    assertThat(answer.json().path("differences").get(1).path("account").isMissingNode()).isTrue();
    assertThat(answer.json().path("failure").asString()).contains("globex");
    assertThat(answer.json().path("trouble").toString())
        .isEqualTo(
            "{\"kind\":\"stalled\",\"since\":\"2026-11-24T08:00:00Z\","
                + "\"sentence\":\"Nothing could be audited since then.\"}");
    assertThat(get("/metrics").body())
        .contains("taximeter_audit_stalled 1.0")
        .contains("taximeter_audit_drift 21.0")
        .contains("taximeter_audit_completed_timestamp_seconds 1.7");
  }
}
