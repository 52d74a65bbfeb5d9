package dev.taximeter.api.fuzz;

import dev.taximeter.contract.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes calls up: good ones from what the document says, and then perhaps a twist. */
final class Generator {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int HUGE = 200_000;
  private static final int MOST_DEPTH = 6;

  private static final List<String> NASTY =
      List.of(
          "",
          " ",
          "-1",
          "0",
          "1",
          "007",
          "1e9",
          "99999999999999999999",
          "9223372036854775807",
          "-9223372036854775808",
          "null",
          "true",
          "NaN",
          "'; DROP TABLE usage_events; --",
          "\" OR 1=1",
          "\\",
          "%",
          "%00",
          "\u0000",
          "\n",
          "a\tb",
          "../../etc/passwd",
          "{}",
          "[]",
          "*",
          "?",
          "é",
          "计费",
          "\uD83D\uDCB8",
          "\u202Eabc",
          "2026-11",
          "2026-13",
          "0000-01",
          "9999-12",
          "2026-11-01T00:00:00Z",
          "2026-02-30T00:00:00Z",
          "-999999999-01-01T00:00:00Z",
          "+999999999-12-31T23:59:59Z",
          "2026-11-01",
          "acme,globex",
          "none",
          "unattributed:0",
          "x".repeat(5_000));

  private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE");

  private static final List<String> CONTENT_TYPES =
      List.of(
          "text/plain",
          "application/xml",
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=x",
          "application/json;charset=UTF-16",
          "no type",
          "*/*");

  private static final List<String> ACCEPTS =
      List.of("image/png", "text/html", "text/csv", "application/xml", "nonsense", "*/*;q=0", "");

  private final ApiDocument document;
  private final Random random;
  private final Map<String, List<String>> known;

  /**
   * @param known by name of a parameter or field: values that the system knows
   */
  Generator(ApiDocument document, Random random, Map<String, List<String>> known) {
    this.document = document;
    this.random = random;
    this.known = known;
  }

  Call next(ApiDocument.Operation operation, String authorization) {
    Call call = new Call(operation);
    call.headers.put("Authorization", authorization);
    fillPath(call);
    fillQuery(call, false);
    fillHeaders(call);
    fillBody(call);
    if (random.nextInt(5) > 1) {
      twist(call);
    }
    return call;
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private void fillPath(Call call) {
    for (JsonNode parameter : call.operation.parameters("path")) {
      String name = parameter.path("name").asString();
      call.path =
          call.path.replace("{" + name + "}", encoded(valid(call.operation.path(), parameter)));
    }
  }

  private void fillQuery(Call call, boolean withoutRequired) {
    StringJoiner query = new StringJoiner("&");
    for (JsonNode parameter : call.operation.parameters("query")) {
      boolean required = parameter.path("required").asBoolean(false);
      if (required ? !withoutRequired : random.nextInt(3) == 0) {
        query.add(
            encoded(parameter.path("name").asString())
                + "="
                + encoded(valid(call.operation.path(), parameter)));
      }
    }
    call.query = query.toString();
  }

  private void fillHeaders(Call call) {
    for (JsonNode parameter : call.operation.parameters("header")) {
      String name = parameter.path("name").asString();
      if (name.equals("Idempotency-Key")) {
        call.headers.put(name, random.nextInt(4) == 0 ? "again" : "key-" + random.nextLong());
      } else if (random.nextInt(3) == 0) {
        call.headers.put(name, any(List.of("*", "\"1\"", "\"7\"", "7", "W/\"1\"")));
      }
    }
    JsonNode media = call.operation.response(200).path("content");
    if (media.size() > 1 && random.nextBoolean()) {
      call.headers.put("Accept", any(List.copyOf(media.propertyNames())));
    }
  }

  private String valid(String path, JsonNode parameter) {
    String name = parameter.path("name").asString();
    JsonNode schema = document.resolved(parameter.path("schema"));
    if (schema.path("enum").size() > 0) {
      return schema.path("enum").path(random.nextInt(schema.path("enum").size())).asString();
    }
    List<String> values = known.getOrDefault(path + " " + name, known.get(name));
    // Waiting for what never comes is slow, and nothing else.
    boolean always = name.equals("minAsOf");
    if (values != null && (always || random.nextInt(8) > 0)) {
      return any(values);
    }
    if (schema.path("type").asString("").equals("boolean")) {
      return Boolean.toString(random.nextBoolean());
    }
    if (schema.path("type").asString("").equals("integer")) {
      return Integer.toString(random.nextInt(1_000));
    }
    String example = parameter.path("example").asString("");
    return example.isEmpty() ? "text-" + random.nextInt(1_000) : example;
  }

  private JsonNode media(Call call) {
    JsonNode content = call.operation.node().path("requestBody").path("content");
    return content.isEmpty() ? content : content.path(content.propertyNames().iterator().next());
  }

  private void fillBody(Call call) {
    JsonNode content = call.operation.node().path("requestBody").path("content");
    if (content.isEmpty()) {
      return;
    }
    String type = content.propertyNames().iterator().next();
    call.headers.put("Content-Type", type);
    List<String> bodies = known.get(call.operation.name() + " body");
    if (bodies != null) {
      call.body = any(bodies).getBytes(StandardCharsets.UTF_8);
    } else {
      JsonNode body = value("", media(call).path("schema"), 0);
      call.body = body.toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  /** A value that the schema allows. */
  private JsonNode value(String field, JsonNode unresolved, int depth) {
    JsonNode schema = document.resolved(unresolved);
    if (schema.path("enum").size() > 0) {
      return schema.path("enum").path(random.nextInt(schema.path("enum").size()));
    }
    List<String> values = known.get(field);
    if (values != null && schema.path("type").asString("").equals("string")) {
      return NODES.stringNode(any(values));
    }
    return switch (schema.path("type").asString("object")) {
      case "string" -> text(schema);
      case "integer" -> NODES.numberNode(random.nextInt(1_000));
      case "number" -> NODES.numberNode(random.nextInt(1_000) / 8.0);
      case "boolean" -> NODES.booleanNode(random.nextBoolean());
      case "array" -> {
        ArrayNode array = NODES.arrayNode();
        for (int i = random.nextInt(3); i > 0 && depth < MOST_DEPTH; i--) {
          array.add(value(field, schema.path("items"), depth + 1));
        }
        yield array;
      }
      default -> {
        ObjectNode object = NODES.objectNode();
        schema
            .path("properties")
            .forEachEntry(
                (name, property) -> {
                  if (random.nextInt(8) > 0 && depth < MOST_DEPTH) {
                    object.set(name, value(name, property, depth + 1));
                  }
                });
        yield object;
      }
    };
  }

  private JsonNode text(JsonNode schema) {
    if (schema.path("format").asString("").equals("date-time")) {
      return NODES.stringNode(
          any(List.of("2026-11-01T00:00:00Z", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z")));
    }
    String example = schema.path("example").asString("");
    return NODES.stringNode(
        example.isEmpty() || random.nextInt(4) == 0 ? "text-" + random.nextInt(1_000) : example);
  }

  private void twist(Call call) {
    boolean hasBody = call.body.length > 0;
    int kind = random.nextInt(hasBody ? 16 : 9);
    switch (kind) {
      case 0 -> {
        call.twist = "unknown parameter";
        call.query += (call.query.isEmpty() ? "" : "&") + "surprise=" + encoded(any(NASTY));
        call.mustFail = true;
      }
      case 1, 2 -> nastyParameter(call);
      case 3 -> nastyPath(call);
      case 4 -> {
        call.twist = "method";
        call.method = any(METHODS);
        call.mustFail = false;
      }
      case 5 -> {
        call.twist = "no proof";
        call.headers.put(
            "Authorization", any(List.of("Bearer wrong", "Basic YTpi", "Bearer", "é", "x")));
        call.mustBe = 401;
      }
      case 6 -> {
        call.twist = "accept";
        call.headers.put("Accept", any(ACCEPTS));
      }
      case 7 -> {
        call.twist = "header";
        call.headers.put("If-Match", any(List.of("x", "\"\"", "\"99999999999999999999\"", "*")));
        call.headers.put("If-None-Match", any(List.of("x", "\"", "*", "\"1\", \"2\"")));
        call.headers.put("Idempotency-Key", any(List.of("a b", "x".repeat(300), "again", "ok")));
        call.headers.put("Accept-Language", any(List.of("zh", "x".repeat(100), ";;;", "*")));
      }
      case 8 -> {
        call.twist = "missing parameters";
        fillQuery(call, true);
      }
      default -> twistBody(call, kind);
    }
  }

  private void nastyParameter(Call call) {
    List<JsonNode> parameters = call.operation.parameters("query");
    if (parameters.isEmpty()) {
      return;
    }
    String name = encoded(any(parameters).path("name").asString());
    String value = any(NASTY);
    if (name.equals("minAsOf") && value.matches("[0-9]+")) {
      value = "0";
    }
    call.twist = "parameter " + name;
    List<String> others = new ArrayList<>();
    for (String pair : call.query.split("&", -1)) {
      if (!pair.isEmpty() && (!pair.startsWith(name + "=") || random.nextInt(6) == 0)) {
        others.add(pair);
      }
    }
    others.add(name + "=" + encoded(value));
    call.query = String.join("&", others);
  }

  private void nastyPath(Call call) {
    List<JsonNode> parameters = call.operation.parameters("path");
    if (parameters.isEmpty()) {
      call.twist = "longer path";
      call.path += "/" + encoded(any(NASTY));
      return;
    }
    call.twist = "path";
    call.path = call.operation.path();
    for (JsonNode parameter : parameters) {
      String name = parameter.path("name").asString();
      call.path = call.path.replace("{" + name + "}", encoded(any(NASTY)));
    }
  }

  private void twistBody(Call call, int kind) {
    String type = call.headers.getOrDefault("Content-Type", "");
    if (kind == 9) {
      call.twist = "content type";
      call.headers.put("Content-Type", any(CONTENT_TYPES));
    } else if (kind == 10) {
      call.twist = "no JSON";
      call.body =
          any(List.of(
                  "", "{", "[1,2", "\u0000", "nonsense", "{\"a\":}", "\"x\"", "null", "[]", "1"))
              .getBytes(StandardCharsets.UTF_8);
    } else if (kind == 11) {
      call.twist = "invalid UTF-8";
      call.body = new byte[] {'{', '"', (byte) 0xc3, (byte) 0x28, '"', ':', '1', '}'};
    } else if (kind == 12) {
      call.twist = "deep";
      call.body = "[".repeat(5_000).getBytes(StandardCharsets.UTF_8);
    } else if (type.equals("application/json")) {
      twistFields(call, kind);
    }
  }

  private void twistFields(Call call, int kind) {
    JsonNode body = Json.MAPPER.readTree(call.body);
    JsonNode properties = document.resolved(media(call).path("schema")).path("properties");
    if (!(body instanceof ObjectNode object) || properties.isEmpty()) {
      return;
    }
    String field = any(List.copyOf(properties.propertyNames()));
    if (kind == 13) {
      call.twist = "unknown field";
      object.put("surprise", any(NASTY));
      call.mustFail = true;
    } else if (kind == 14) {
      call.twist = "field " + field;
      object.set(field, nasty());
    } else {
      call.twist = "without " + field;
      object.remove(field);
    }
    call.body = object.toString().getBytes(StandardCharsets.UTF_8);
  }

  private JsonNode nasty() {
    return switch (random.nextInt(8)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.numberNode(-1);
      case 2 -> NODES.numberNode(new java.math.BigDecimal("1e400"));
      case 3 -> NODES.booleanNode(true);
      case 4 -> NODES.arrayNode().add(1).addNull();
      case 5 -> NODES.objectNode().put("a", 1);
      case 6 -> NODES.stringNode("x".repeat(HUGE));
      default -> NODES.stringNode(any(NASTY));
    };
  }
}
