package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.api.accounting.Tally;
import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.LineSource;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AccountingApiTest extends ApiTest {
  private static final Map<Fate, Long> FATES =
      Map.of(
          Fate.BILLED, 90L,
          Fate.UNBILLABLE, 3L,
          Fate.DUPLICATE, 2L,
          Fate.UNATTRIBUTED, 1L,
          Fate.SUSPENSE, 1L,
          Fate.QUARANTINED, 1L);

  @Test
  void countsBySourceAndHourAndInTotal() {
    counts.held.add(tally("s1", "/a.log", "2026-11-24T08:00:00Z", true, 98));
    counts.held.add(tally("s2", "/a.log", "2026-11-24T08:00:00Z", true, 98));
    counts.held.add(tally("s1", "/b.log", "2026-11-24T09:00:00Z", true, 98));

    JsonNode accounting = get("/v1/accounting").json();

    assertThat(accounting.path("rows").size()).isEqualTo(2);
    JsonNode first = accounting.path("rows").get(0);
    assertThat(first.path("host").asString()).isEqualTo("h");
    assertThat(first.path("path").asString()).isEqualTo("/a.log");
    assertThat(first.path("hour").asString()).isEqualTo("2026-11-24T08:00:00Z");
    assertThat(first.path("read").asLong()).isEqualTo(196);
    JsonNode total = accounting.path("total");
    assertThat(total.path("read").asLong()).isEqualTo(294);
    assertThat(total.path("billed").asLong()).isEqualTo(270);
    assertThat(total.path("unbillable").asLong()).isEqualTo(9);
    assertThat(total.path("duplicate").asLong()).isEqualTo(6);
    assertThat(total.path("unattributed").asLong()).isEqualTo(3);
    assertThat(total.path("suspense").asLong()).isEqualTo(3);
    assertThat(total.path("quarantined").asLong()).isEqualTo(3);
    assertThat(total.path("inFlight").asLong()).isZero();
    assertThat(total.path("residual").asLong()).isZero();
    assertThat(total.path("unsettled").asLong()).isZero();
  }

  @Test
  void whatIsMissingIsInFlightUntilMeteringHasCaughtUp() {
    counts.held.add(tally("s1", "/a.log", "2026-11-24T08:00:00Z", true, 100));

    counts.pending = true;
    assertThat(total().path("inFlight").asLong()).isEqualTo(2);
    assertThat(total().path("residual").asLong()).isZero();
    counts.pending = false;
    assertThat(total().path("inFlight").asLong()).isZero();
    assertThat(total().path("residual").asLong()).isEqualTo(2);
  }

  @Test
  void whatChangedAMomentAgoIsStillMoving() {
    counts.held.add(
        new Tally(
            "s1",
            new LineSource("h", "/a.log"),
            Instant.parse("2026-11-24T09:00:00Z"),
            true,
            100,
            91,
            FATES,
            Instant.parse("2026-11-24T09:29:55Z")));

    assertThat(total().path("inFlight").asLong()).isEqualTo(2);
    clock.set("2026-11-24T09:30:05Z");
    assertThat(total().path("residual").asLong()).isEqualTo(2);
  }

  @Test
  void withoutAShippersCountNothingIsMissing() {
    counts.held.add(tally("", "/a.log", "2026-11-24T08:00:00Z", false, 0));

    assertThat(total().path("read").asLong()).isEqualTo(98);
    assertThat(total().path("residual").asLong()).isZero();
  }

  @Test
  void moreFatesThanLinesIsAResidualToo() {
    counts.held.add(tally("s1", "/a.log", "2026-11-24T08:00:00Z", true, 97));

    assertThat(total().path("residual").asLong()).isEqualTo(-1);
  }

  @Test
  void oneShipmentOnly() {
    counts.held.add(tally("s1", "/a.log", "2025-01-24T08:00:00Z", true, 98));
    counts.held.add(tally("s2", "/a.log", "2026-11-24T08:00:00Z", true, 98));

    JsonNode accounting = get("/v1/accounting?shipment=s1").json();

    assertThat(accounting.path("rows").size()).isEqualTo(1);
    assertThat(accounting.path("total").path("read").asLong()).isEqualTo(98);
    assertThat(get("/v1/accounting?shipment=s3").json().path("rows").size()).isZero();
  }

  @Test
  void rangesAreRoundedToHoursAndOldHoursComeFromHistory() {
    counts.heldFrom = Instant.parse("2026-11-24T00:00:00Z");
    counts.held.add(tally("s1", "/a.log", "2026-11-24T08:00:00Z", true, 98));
    counts.old.add(tally("s1", "/a.log", "2026-11-20T08:00:00Z", true, 98));
    counts.old.add(tally("s1", "/a.log", "2026-11-24T08:00:00Z", true, 98));

    assertThat(
            get("/v1/accounting?from=2026-11-20T08:59:00Z&to=2026-11-24T08:01:00Z")
                .json()
                .path("total")
                .path("read")
                .asLong())
        .isEqualTo(196);
    assertThat(get("/v1/accounting?from=2026-11-24T08:00:00Z&to=2026-11-24T08:00:00Z").status())
        .isEqualTo(400);
  }

  private static JsonNode total() {
    return get("/v1/accounting").json().path("total");
  }

  private static Tally tally(
      String shipment, String path, String hour, boolean shipped, long read) {
    return new Tally(
        shipment,
        new LineSource("h", path),
        Instant.parse(hour),
        shipped,
        read,
        91,
        FATES,
        Instant.parse(hour));
  }
}
