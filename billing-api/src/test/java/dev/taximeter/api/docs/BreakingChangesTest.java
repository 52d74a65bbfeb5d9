package dev.taximeter.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.json.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class BreakingChangesTest {
  private static final String DOCUMENT =
      """
      {"paths":{"/v1/things":{"post":{
        "parameters":[
          {"name":"kind","in":"query","schema":{"type":"string","enum":["a","b"]}},
          {"name":"limit","in":"query","required":false,"schema":{"type":"string"}}],
        "requestBody":{"required":true,"content":{"application/json":{"schema":
          {"$ref":"#/components/schemas/New"}}}},
        "responses":{"200":{"content":{"application/json":{"schema":
          {"$ref":"#/components/schemas/Thing"}}}}}}}},
       "components":{"schemas":{
        "New":{"type":"object","required":["name"],"properties":{
          "name":{"type":"string"},"note":{"type":"string"}}},
        "Thing":{"type":"object","required":["id"],"properties":{
          "id":{"type":"string"},"state":{"type":"string","enum":["on"]},
          "parts":{"type":"array","items":{"$ref":"#/components/schemas/Part"}}}},
        "Part":{"type":"object","properties":{"size":{"type":"integer"}}}}}}
      """;

  private static JsonNode read(String document) {
    return Json.MAPPER.readTree(document);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"post\":{ | \"put\":{ | post /v1/things is gone",
        "/v1/things | /v1/other | post /v1/things is gone",
        "\"name\":\"limit\" | \"name\":\"size\" | post /v1/things parameter limit is gone",
        "\"required\":false | \"required\":true | post /v1/things parameter limit is required now",
        "\"a\",\"b\" | \"a\" | post /v1/things parameter kind allows fewer values",
        "[\"name\"] | [\"name\",\"note\"] | post /v1/things body.note is required now",
        ",\"note\":{\"type\":\"string\"} | `` | post /v1/things body.note is gone",
        "\"size\":{\"type\":\"integer\"} | `` | post /v1/things answer.parts[].size is gone",
        "\"integer\" | \"string\" | post /v1/things answer.parts[].size was \"integer\", is string",
        "[\"id\"] | [] | post /v1/things answer.id may be absent now",
        "\"200\" | \"201\" | post /v1/things answers no application/json with 200 any more",
      })
  void whatAClientWouldStumbleOverIsFound(String was, String is, String sentence) {
    JsonNode after = read(DOCUMENT.replace(was, is == null ? "" : is));

    assertThat(BreakingChanges.between(read(DOCUMENT), after)).contains(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"enum\":[\"on\"] | \"enum\":[\"on\",\"off\"]",
        "\"a\",\"b\" | \"a\",\"b\",\"c\"",
        "\"id\":{\"type\":\"string\"} | \"id\":{\"type\":\"string\"},\"more\":{\"type\":\"string\"}",
        "\"note\":{\"type\":\"string\"} | \"note\":{\"type\":\"string\"},\"more\":{\"type\":\"string\"}",
        "[\"id\"] | [\"id\",\"state\"]",
        "x | x"
      })
  void whatOnlyAddsBreaksNobody(String was, String is) {
    assertThat(BreakingChanges.between(read(DOCUMENT), read(DOCUMENT.replace(was, is)))).isEmpty();
  }
}
