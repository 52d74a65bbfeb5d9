package dev.taximeter.api.bills;

import java.math.BigDecimal;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ser.std.StdSerializer;

/** Writes what is rounded to a currency's minor unit with all digits of it: 0.50, not 0.5. */
final class RoundedAmount extends StdSerializer<BigDecimal> {
  RoundedAmount() {
    super(BigDecimal.class);
  }

  @Override
  public void serialize(BigDecimal value, JsonGenerator generator, SerializationContext context) {
    generator.writeString(value.toPlainString());
  }
}
