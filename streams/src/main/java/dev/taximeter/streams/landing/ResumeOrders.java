package dev.taximeter.streams.landing;

import dev.taximeter.contract.settings.SettingsException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an operator has decided after Kafka lost what had landed: where to resume. An order names
 * the generation that it begins, so it is followed once, however long it stays in the settings.
 */
final class ResumeOrders {
  static final String SETTING = "TAXIMETER_LANDING_RESUME";

  private static final Pattern ORDER =
      Pattern.compile("(?<topic>[A-Za-z0-9._-]+)#(?<generation>\\d{1,9})@(?<where>earliest|end)");

  private final Map<Target, Where> orders;

  private ResumeOrders(Map<Target, Where> orders) {
    this.orders = Map.copyOf(orders);
  }

  private record Target(String topic, int generation) {}

  private enum Where {
    EARLIEST,
    END
  }

  static ResumeOrders none() {
    return new ResumeOrders(Map.of());
  }

  /**
   * @param text orders separated by commas, such as {@code usage.events.v1#1@earliest}; null: none
   * @throws SettingsException if one is not written like that
   */
  static ResumeOrders parse(@Nullable String text) {
    Map<Target, Where> orders = new HashMap<>();
    for (String order : text == null ? new String[0] : text.split(",")) {
      Matcher parts = ORDER.matcher(order.strip());
      if (!parts.matches()) {
        throw new SettingsException(
            SETTING
                + " must hold orders such as usage.events.v1#1@earliest, separated by commas, not "
                + order);
      }
      orders.put(
          new Target(parts.group("topic"), Integer.parseInt(parts.group("generation"))),
          parts.group("where").equals("end") ? Where.END : Where.EARLIEST);
    }
    return new ResumeOrders(orders);
  }

  /**
   * @param stopped where landing has stopped
   * @param first offset of the first record that Kafka holds
   * @param end offset after the last one
   * @return Kafka's offset to resume at; empty if nothing has been decided for this generation
   */
  OptionalLong offset(String topic, Position stopped, long first, long end) {
    Where where = orders.get(new Target(topic, stopped.generation() + 1));
    return where == null ? OptionalLong.empty() : OptionalLong.of(where == Where.END ? end : first);
  }

  /** How to order that the topic resumes with all that Kafka holds. */
  static String example(String topic, Position stopped) {
    return "%s=%s#%d@earliest".formatted(SETTING, topic, stopped.generation() + 1);
  }
}
