package dev.taximeter.parse;

import dev.taximeter.contract.event.TokenCounts;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one would write first: the line as JSON, {@code ai_log} as JSON inside it. Believes forged
 * fields and drops what is no JSON; good for a comparison of speed and for nothing else.
 */
final class JacksonParser {
  private final JsonMapper mapper = JsonMapper.builder().build();

  /** What is needed of a line to bill it. */
  record Usage(
      String key, String model, TokenCounts tokens, Instant completion, int status, String flags) {}

  @Nullable Usage parse(byte[] line) {
    try {
      JsonNode fields = mapper.readTree(line);
      JsonNode aiLog = mapper.readTree(fields.path("ai_log").asString("{}"));
      long cached = aiLog.path("input_token_details").path("cached_tokens").asLong(0);
      long reasoning = aiLog.path("output_token_details").path("reasoning_tokens").asLong(0);
      long input = aiLog.path("input_token").asLong(0);
      long output = aiLog.path("output_token").asLong(0);
      return new Usage(
          fields.path("user_api_key").asString("-"),
          aiLog.path("model").asString("unknown"),
          new TokenCounts(
              Math.max(0, input - cached), cached, 0, Math.max(0, output - reasoning), reasoning),
          Instant.parse(fields.path("start_time").asString(""))
              .plusMillis(fields.path("duration").asLong(0)),
          fields.path("response_code").asInt(0),
          fields.path("response_flags").asString("-"));
    } catch (JacksonException | DateTimeParseException e) {
      return null;
    }
  }
}
