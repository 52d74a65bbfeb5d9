package dev.taximeter.parse;

import java.util.List;
import java.util.Locale;

/**
 * The fields that decide something, the payer's aside: those are named by the settings. A field
 * plays a role by its name, or else by what its template fills in. All other fields of a template
 * are only matched.
 */
enum Role {
  AI_LOG(List.of("ai_log"), "FILTER_STATE(WASM.AI_LOG:PLAIN)"),
  BYTES_RECEIVED(List.of("bytes_received"), "BYTES_RECEIVED"),
  BYTES_SENT(List.of("bytes_sent"), "BYTES_SENT"),
  DURATION(List.of("duration"), "DURATION"),
  METHOD(List.of("method"), "REQ(:METHOD)"),
  PATH(List.of("path"), "REQ(X-ENVOY-ORIGINAL-PATH?:PATH)", "REQ(:PATH)"),
  REQUEST_ID(List.of("request_id"), "REQ(X-REQUEST-ID)"),
  RESPONSE_CODE(List.of("response_code"), "RESPONSE_CODE"),
  RESPONSE_CODE_DETAILS(List.of("response_code_details"), "RESPONSE_CODE_DETAILS"),
  RESPONSE_FLAGS(List.of("response_flags"), "RESPONSE_FLAGS"),
  ROUTE_NAME(List.of("route_name"), "ROUTE_NAME"),
  START_TIME(List.of("start_time"), "START_TIME"),
  UPSTREAM_CLUSTER(List.of("upstream_cluster"), "UPSTREAM_CLUSTER", "UPSTREAM_CLUSTER_RAW"),
  UPSTREAM_HOST(List.of("upstream_host"), "UPSTREAM_HOST"),

  // Usage in fields of its own, as Envoy AI Gateway logs it; names follow OpenTelemetry.
  RESPONSE_MODEL(List.of("gen_ai.response.model"), metadata("response_model")),
  REQUEST_MODEL(List.of("gen_ai.request.model"), "REQ(X-AI-EG-MODEL)"),
  INPUT_TOKENS(List.of("gen_ai.usage.input_tokens"), metadata("llm_input_token")),
  OUTPUT_TOKENS(List.of("gen_ai.usage.output_tokens"), metadata("llm_output_token")),
  TOTAL_TOKENS(List.of("gen_ai.usage.total_tokens"), metadata("llm_total_token")),
  CACHE_READ_TOKENS(
      List.of("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cached_input_tokens"),
      metadata("llm_cached_input_token")),
  CACHE_WRITE_TOKENS(
      List.of(
          "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"),
      metadata("llm_cache_creation_input_token")),
  REASONING_TOKENS(
      List.of("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
      metadata("llm_reasoning_token"));

  /** How many there are. */
  static final int COUNT = values().length;

  /** What the gateway writes as bare numbers in JSON encoding, and in quotes in TEXT. */
  static final List<Role> NUMBERS = List.of(DURATION, RESPONSE_CODE, BYTES_RECEIVED, BYTES_SENT);

  /** Where usage stands that has fields of its own. */
  static final List<Role> TOKENS =
      List.of(
          INPUT_TOKENS,
          OUTPUT_TOKENS,
          TOTAL_TOKENS,
          CACHE_READ_TOKENS,
          CACHE_WRITE_TOKENS,
          REASONING_TOKENS);

  private final List<String> names;
  private final List<String> calls;

  Role(List<String> names, String... calls) {
    this.names = names;
    this.calls = List.of(calls);
  }

  private static String metadata(String key) {
    return "DYNAMIC_METADATA(IO.ENVOY.AI_GATEWAY:%s)".formatted(key.toUpperCase(Locale.ROOT));
  }

  /** The usual name of the field. */
  String field() {
    return names.get(0);
  }

  /** Names that give a field this role, the best first. */
  List<String> names() {
    return names;
  }

  /** Operators that give a field this role, the best first; in capitals. */
  List<String> calls() {
    return calls;
  }
}
