package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.settings.SettingsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeOrdersTest {
  private final Position stopped = Position.start("id", 5);

  @Test
  void anOrderConcernsOneTopicAndOneGeneration() {
    ResumeOrders orders = ResumeOrders.parse("a.v1#1@earliest, b.v1#1@end,a.v1#2@end");
    assertThat(orders.offset("a.v1", stopped, 2, 9)).hasValue(2);
    assertThat(orders.offset("b.v1", stopped, 2, 9)).hasValue(9);
    assertThat(orders.offset("c.v1", stopped, 2, 9)).isEmpty();
    assertThat(orders.offset("a.v1", stopped.resumedAt("x", 0), 2, 9)).hasValue(9);
    assertThat(orders.offset("b.v1", stopped.resumedAt("x", 0), 2, 9)).isEmpty();
    assertThat(ResumeOrders.parse(null).offset("a.v1", stopped, 2, 9)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.v1", "a.v1@end", "a.v1#x@end", "a.v1#1@5", "a.v1#1@end,,b.v1#1@end"})
  void whatIsNoOrderIsRefused(String text) {
    assertThatThrownBy(() -> ResumeOrders.parse(text))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("TAXIMETER_LANDING_RESUME must hold orders");
  }
}
