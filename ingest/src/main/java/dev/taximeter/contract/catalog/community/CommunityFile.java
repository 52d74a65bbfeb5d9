package dev.taximeter.contract.catalog.community;

import dev.taximeter.contract.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The file as it stands. Readers of JSON keep one of two members of the same name; the community's
 * file has had models twice for weeks, some of them with other prices.
 */
final class CommunityFile {
  private CommunityFile() {}

  /**
   * One description of a model.
   *
   * @param twice fields that it has more than once, with different values
   */
  record Description(JsonNode node, Set<String> twice) {}

  /**
   * @return by model, in the order of the file, what is said of it: mostly once
   * @throws IllegalArgumentException with a sentence for people, if it is no such file
   */
  static Map<String, List<Description>> read(byte[] json) {
    try (JsonParser parser = Json.MAPPER.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException(
            "The file must be one JSON object from model names to prices.");
      }
      Map<String, List<Description>> models = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String model = parser.currentName();
        parser.nextToken();
        models.computeIfAbsent(model, first -> new ArrayList<>()).add(description(parser));
      }
      if (parser.nextToken() != null) {
        throw new StreamReadException(parser, "something follows the object");
      }
      return models;
    } catch (JacksonException e) {
      // Nesting that is too deep has no place.
      String place =
          e.getLocation() == null
              ? ""
              : ": line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      throw new IllegalArgumentException("The file is not JSON%s.".formatted(place), e);
    }
  }

  private static Description description(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return new Description(parser.readValueAsTree(), Set.of());
    }
    ObjectNode node = Json.MAPPER.createObjectNode();
    Set<String> twice = new TreeSet<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      JsonNode value = parser.readValueAsTree();
      JsonNode before = node.get(field);
      if (before != null && !isSame(before, value)) {
        twice.add(field);
      }
      node.set(field, value);
    }
    return new Description(node, twice);
  }

  private static boolean isSame(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.decimalValue().compareTo(other.decimalValue()) == 0
        : one.equals(other);
  }
}
