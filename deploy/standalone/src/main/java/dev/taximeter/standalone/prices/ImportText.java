package dev.taximeter.standalone.prices;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/** The difference that an import makes, for people. */
final class ImportText {
  private ImportText() {}

  /**
   * @param difference as the API answers it
   */
  static String of(JsonNode difference) {
    List<String> lines = new ArrayList<>();
    for (JsonNode price : difference.path("added")) {
      lines.add("+ " + price.path("model").asString() + ": " + prices(price.path("after")));
    }
    for (JsonNode price : difference.path("changed")) {
      lines.add("- " + price.path("model").asString() + ": " + prices(price.path("before")));
      lines.add("+ " + price.path("model").asString() + ": " + prices(price.path("after")));
    }
    for (JsonNode left : difference.path("leftOut")) {
      lines.add(
          "left out: %s, field %s"
              .formatted(left.path("entry").asString(), left.path("field").asString()));
    }
    for (JsonNode refusal : difference.path("refused")) {
      lines.add(
          "refused: %s, field %s %s"
              .formatted(
                  refusal.path("entry").asString(),
                  refusal.path("field").asString(),
                  refusal.path("reason").asString()));
    }
    boolean applied = difference.path("applied").asBoolean();
    lines.add(
        "%d new, %d changed, %d unchanged, %d refused prices; %s"
            .formatted(
                difference.path("added").size(),
                difference.path("changed").size(),
                difference.path("unchanged").asInt(),
                difference.path("refused").size(),
                applied
                    ? "book %s changed, in force from %s"
                        .formatted(
                            difference.path("book").asString(),
                            difference.path("effectiveFrom").asString())
                    : "nothing changed yet: add --apply to do it"));
    return String.join(System.lineSeparator(), lines);
  }

  private static String prices(JsonNode byClass) {
    StringJoiner prices = new StringJoiner(", ");
    byClass.forEachEntry((name, price) -> prices.add(name + " " + price.asString()));
    return prices + " per million";
  }
}
