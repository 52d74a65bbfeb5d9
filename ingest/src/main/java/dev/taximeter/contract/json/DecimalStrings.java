package dev.taximeter.contract.json;

import dev.taximeter.contract.money.Decimals;
import java.math.BigDecimal;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** Writes decimals as strings, so that no reader turns them into binary floating point. */
final class DecimalStrings extends StdSerializer<BigDecimal> {
  private DecimalStrings() {
    super(BigDecimal.class);
  }

  static SimpleModule module() {
    return new SimpleModule("decimals-as-strings").addSerializer(new DecimalStrings());
  }

  @Override
  public void serialize(BigDecimal value, JsonGenerator generator, SerializationContext context) {
    generator.writeString(Decimals.plain(value));
  }
}
