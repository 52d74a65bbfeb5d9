package dev.taximeter.parse;

import java.util.List;

/**
 * How the gateway writes its lines and how its upstreams count.
 *
 * @param template the access-log template as the gateway has it, on one line: a JSON object of text
 *     values. It serves both encodings
 * @param payerField the template's field that holds the payer's key
 * @param dialects which upstream counts how; the first rule that matches decides, and an upstream
 *     without a rule counts like OpenAI
 */
public record ParserSettings(String template, String payerField, List<DialectRule> dialects) {
  /** Higress 2.1.9 with a header for the key. */
  public static final String DEFAULT_TEMPLATE =
      "{\"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\","
          + "\"authority\":\"%REQ(X-ENVOY-ORIGINAL-HOST?:AUTHORITY)%\","
          + "\"bytes_received\":\"%BYTES_RECEIVED%\","
          + "\"bytes_sent\":\"%BYTES_SENT%\","
          + "\"downstream_local_address\":\"%DOWNSTREAM_LOCAL_ADDRESS%\","
          + "\"downstream_remote_address\":\"%DOWNSTREAM_REMOTE_ADDRESS%\","
          + "\"duration\":\"%DURATION%\","
          + "\"istio_policy_status\":\"%DYNAMIC_METADATA(istio.mixer:status)%\","
          + "\"method\":\"%REQ(:METHOD)%\","
          + "\"path\":\"%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%\","
          + "\"protocol\":\"%PROTOCOL%\","
          + "\"request_id\":\"%REQ(X-REQUEST-ID)%\","
          + "\"requested_server_name\":\"%REQUESTED_SERVER_NAME%\","
          + "\"response_code\":\"%RESPONSE_CODE%\","
          + "\"response_flags\":\"%RESPONSE_FLAGS%\","
          + "\"route_name\":\"%ROUTE_NAME%\","
          + "\"start_time\":\"%START_TIME%\","
          + "\"trace_id\":\"%REQ(X-B3-TRACEID)%\","
          + "\"upstream_cluster\":\"%UPSTREAM_CLUSTER%\","
          + "\"upstream_host\":\"%UPSTREAM_HOST%\","
          + "\"upstream_local_address\":\"%UPSTREAM_LOCAL_ADDRESS%\","
          + "\"upstream_service_time\":\"%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%\","
          + "\"upstream_transport_failure_reason\":\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\","
          + "\"user_agent\":\"%REQ(USER-AGENT)%\","
          + "\"x_forwarded_for\":\"%REQ(X-FORWARDED-FOR)%\","
          + "\"response_code_details\":\"%RESPONSE_CODE_DETAILS%\","
          + "\"user_api_key\":\"%REQ(vjsp-api-key)%\","
          + "\"client_version\":\"%REQ(CLIENT-VERSION)%\"}";

  public static final String DEFAULT_PAYER_FIELD = "user_api_key";

  /**
   * Checks that the three fit together.
   *
   * @throws IllegalArgumentException if the template cannot be used, the payer is not in it, or a
   *     dialect is unknown; the message says what to write instead
   */
  public ParserSettings {
    dialects = List.copyOf(dialects);
    Layout.of(template, payerField);
  }

  public static ParserSettings defaults() {
    return new ParserSettings(DEFAULT_TEMPLATE, DEFAULT_PAYER_FIELD, List.of());
  }

  public ParserSettings withTemplate(String newTemplate) {
    return new ParserSettings(newTemplate, payerField, dialects);
  }

  public ParserSettings withPayerField(String newPayerField) {
    return new ParserSettings(template, newPayerField, dialects);
  }

  public ParserSettings withDialects(List<DialectRule> newDialects) {
    return new ParserSettings(template, payerField, newDialects);
  }

  /**
   * How one upstream, or several, count.
   *
   * @param upstreamCluster exact value of {@code upstream_cluster}, or a glob in which {@code *}
   *     stands for any characters
   * @param dialect one of {@link #dialectNames()}
   */
  public record DialectRule(String upstreamCluster, String dialect) {
    /**
     * Checks the dialect's name.
     *
     * @throws IllegalArgumentException if there is no such dialect
     */
    public DialectRule {
      Dialects.named(dialect);
    }
  }

  /** The names of all counting rules. */
  public static List<String> dialectNames() {
    return Dialects.names();
  }
}
