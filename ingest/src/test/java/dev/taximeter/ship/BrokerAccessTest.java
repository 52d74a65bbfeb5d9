package dev.taximeter.ship;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;

class BrokerAccessTest {
  /** Clients check their settings, and how they fit together, when they are made. */
  @Test
  void makesClientsWhoseSettingsFitTogether() {
    BrokerAccess access =
        new BrokerAccess(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:9"));

    try (Producer<byte[], byte[]> producer = access.producer("test");
        var consumer = access.consumer();
        var admin = access.admin()) {
      assertThat(producer.metrics()).isNotEmpty();
      assertThat(consumer.assignment()).isEmpty();
      assertThat(admin.metrics()).isNotEmpty();
    }
  }
}
