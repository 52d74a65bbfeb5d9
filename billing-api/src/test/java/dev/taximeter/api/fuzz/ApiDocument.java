package dev.taximeter.api.fuzz;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.taximeter.contract.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An OpenAPI document, as far as a fuzzer needs it. */
final class ApiDocument {
  private final ObjectNode root;
  private final List<Operation> operations = new ArrayList<>();
  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private final Map<String, Schema> schemas = new HashMap<>();

  /** One address and method. */
  record Operation(String method, String path, JsonNode node) {
    String name() {
      return method + " " + path;
    }

    List<JsonNode> parameters(String place) {
      List<JsonNode> found = new ArrayList<>();
      for (JsonNode parameter : node.path("parameters")) {
        if (parameter.path("in").asString("").equals(place)) {
          found.add(parameter);
        }
      }
      return found;
    }

    JsonNode response(int status) {
      return node.path("responses").path(Integer.toString(status));
    }
  }

  ApiDocument(String json) {
    root = (ObjectNode) Json.MAPPER.readTree(json);
    root.path("paths")
        .forEachEntry(
            (path, methods) ->
                methods.forEachEntry(
                    (method, node) ->
                        operations.add(
                            new Operation(method.toUpperCase(java.util.Locale.ROOT), path, node))));
    // A field that is not documented is a mistake, too.
    root.path("components").path("schemas").forEachEntry((name, schema) -> close(schema));
  }

  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.has("properties")
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
  }

  List<Operation> operations() {
    return List.copyOf(operations);
  }

  /** The schema behind a reference. */
  JsonNode resolved(JsonNode schema) {
    String reference = schema.path("$ref").asString("");
    return reference.isEmpty() ? schema : root.at(reference.substring(1));
  }

  /**
   * @return what is wrong with a text that should match; empty if nothing is
   */
  List<String> mistakes(JsonNode schema, String json) {
    Schema compiled =
        schemas.computeIfAbsent(
            schema.toString(),
            text -> {
              ObjectNode whole = ((ObjectNode) schema).deepCopy();
              whole.set("components", root.path("components"));
              return registry.getSchema(whole);
            });
    try {
      return compiled.validate(json, InputFormat.JSON).stream().map(Error::toString).toList();
    } catch (RuntimeException noJson) {
      return List.of("no JSON: " + noJson.getMessage());
    }
  }
}
