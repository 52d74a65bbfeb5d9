package dev.taximeter.streams.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.RawLine;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class ShipmentsTest {
  private final Shipments shipments = new Shipments();

  private static Headers named(String name) {
    return new RecordHeaders().add(RawLine.SHIPMENT_HEADER, name.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void eachRecordHasItsOwn() {
    assertThat(shipments.of(new RecordHeaders())).isEmpty();
    assertThat(shipments.of(named("run-1"))).isEqualTo("run-1");
    assertThat(shipments.of(named("run-1"))).isEqualTo("run-1");
    assertThat(shipments.of(named("run-2"))).isEqualTo("run-2");
    assertThat(shipments.of(new RecordHeaders())).isEmpty();
    assertThat(shipments.of(new RecordHeaders().add(RawLine.SHIPMENT_HEADER, null))).isEmpty();
  }

  @Test
  void namesAreBounded() {
    assertThat(shipments.of(named("a\tb\n" + "c".repeat(200)))).isEqualTo("ab" + "c".repeat(98));
    assertThat(shipments.of(named("\ud83d\ude00".repeat(101))))
        .isEqualTo("\ud83d\ude00".repeat(100));
  }
}
