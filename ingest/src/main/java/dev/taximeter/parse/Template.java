package dev.taximeter.parse;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The built-in access-log templates: shapes that gateways are known to write. */
public enum Template {
  /** Higress 2.1.9 with a header for the key; the default. */
  HIGRESS(
      List.of("user_api_key"),
      Fields.AI_LOG + Fields.REQUEST + Fields.DETAILS + Fields.KEY + Fields.CLIENT_VERSION),

  /** Higress up to 2.0.4, which had no usage in its log. */
  HIGRESS_WITHOUT_AI_LOG(
      List.of("user_api_key"),
      Fields.REQUEST + Fields.DETAILS + Fields.KEY + Fields.CLIENT_VERSION),

  /** The default with its usage at the end. */
  HIGRESS_AI_LOG_LAST(
      List.of("user_api_key"),
      Fields.REQUEST + Fields.DETAILS + Fields.KEY + Fields.CLIENT_VERSION + Fields.AI_LOG),

  /** The default without {@code response_code_details}. */
  HIGRESS_WITHOUT_DETAILS(
      List.of("user_api_key"), Fields.AI_LOG + Fields.REQUEST + Fields.KEY + Fields.CLIENT_VERSION),

  /**
   * The default with the gateway's consumer and a second key at the end. Neither names the payer
   * unless a source says so: a client can write both headers.
   */
  HIGRESS_CONSUMER(
      List.of("user_api_key"),
      Fields.AI_LOG
          + Fields.REQUEST
          + Fields.DETAILS
          + Fields.KEY
          + Fields.CLIENT_VERSION
          + Fields.CONSUMER),

  /** The recommended order for TEXT: whatever decides stands before anything of the client's. */
  HIGRESS_SAFE(List.of("user_api_key"), Fields.SAFE),

  /**
   * Envoy AI Gateway's JSON access log, as its documentation shows it, and the client that the
   * gateway has authenticated.
   */
  ENVOY_AI_GATEWAY(List.of("client_id"), Fields.GEN_AI);

  private final List<String> payer;
  private final String text;

  Template(List<String> payer, String fields) {
    this.payer = payer;
    this.text = "{" + fields.substring(0, fields.length() - 1) + "}";
  }

  /** The name that a gateway file uses. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** As the gateway has it, on one line. */
  public String text() {
    return text;
  }

  /** The fields that can name the payer's key, in order. */
  public List<String> payer() {
    return payer;
  }

  /** The ids of all built-in templates. */
  public static List<String> ids() {
    return Arrays.stream(values()).map(Template::id).toList();
  }

  /**
   * @throws IllegalArgumentException if there is no such template
   */
  public static Template named(String id) {
    return Arrays.stream(values())
        .filter(template -> template.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no template '%s'; use one of %s".formatted(id, ids())));
  }

  /** What the templates are made of; each piece ends with a comma. */
  private static final class Fields {
    static final String AI_LOG = "\"ai_log\":\"%FILTER_STATE(wasm.ai_log:PLAIN)%\",";

    static final String REQUEST =
        "\"authority\":\"%REQ(X-ENVOY-ORIGINAL-HOST?:AUTHORITY)%\","
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
            + "\"x_forwarded_for\":\"%REQ(X-FORWARDED-FOR)%\",";

    static final String DETAILS = "\"response_code_details\":\"%RESPONSE_CODE_DETAILS%\",";
    static final String KEY = "\"user_api_key\":\"%REQ(vjsp-api-key)%\",";
    static final String CLIENT_VERSION = "\"client_version\":\"%REQ(CLIENT-VERSION)%\",";

    static final String CONSUMER =
        "\"consumer\":\"%REQ(X-MSE-CONSUMER)%\",\"api_key\":\"%REQ(X-API-KEY)%\",";

    /** Gateway-made fields first, the key before all else that a client can write. */
    static final String SAFE =
        AI_LOG
            + "\"start_time\":\"%START_TIME(%Y-%m-%dT%H:%M:%S.%9fZ)%\","
            + "\"duration\":\"%DURATION%\","
            + "\"response_code\":\"%RESPONSE_CODE%\","
            + "\"response_flags\":\"%RESPONSE_FLAGS%\","
            + "\"bytes_received\":\"%BYTES_RECEIVED%\","
            + "\"bytes_sent\":\"%BYTES_SENT%\","
            + "\"upstream_cluster\":\"%UPSTREAM_CLUSTER%\","
            + "\"upstream_host\":\"%UPSTREAM_HOST%\","
            + "\"upstream_local_address\":\"%UPSTREAM_LOCAL_ADDRESS%\","
            + "\"downstream_local_address\":\"%DOWNSTREAM_LOCAL_ADDRESS%\","
            + "\"downstream_remote_address\":\"%DOWNSTREAM_REMOTE_ADDRESS%\","
            + "\"route_name\":\"%ROUTE_NAME%\","
            + "\"protocol\":\"%PROTOCOL%\","
            + "\"method\":\"%REQ(:METHOD)%\","
            + "\"response_code_details\":\"%RESPONSE_CODE_DETAILS%\","
            + "\"upstream_service_time\":\"%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%\","
            + "\"upstream_transport_failure_reason\":\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\","
            + KEY
            + "\"authority\":\"%REQ(X-ENVOY-ORIGINAL-HOST?:AUTHORITY)%\","
            + "\"path\":\"%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%\","
            + "\"request_id\":\"%REQ(X-REQUEST-ID)%\","
            + "\"requested_server_name\":\"%REQUESTED_SERVER_NAME%\","
            + "\"trace_id\":\"%REQ(X-B3-TRACEID)%\","
            + "\"user_agent\":\"%REQ(USER-AGENT)%\","
            + "\"x_forwarded_for\":\"%REQ(X-FORWARDED-FOR)%\","
            + CLIENT_VERSION;

    static final String GEN_AI =
        "\"gen_ai.request.model\":\"%REQ(X-AI-EG-MODEL)%\","
            + metadata("gen_ai.response.model", "response_model")
            + metadata("gen_ai.provider.name", "backend_name")
            + metadata("gen_ai.usage.input_tokens", "llm_input_token")
            + metadata("gen_ai.usage.output_tokens", "llm_output_token")
            + metadata("gen_ai.usage.total_tokens", "llm_total_token")
            + metadata("gen_ai.usage.reasoning_tokens", "llm_reasoning_token")
            + metadata("gen_ai.usage.cache_read.input_tokens", "llm_cached_input_token")
            + metadata("gen_ai.usage.cache_creation.input_tokens", "llm_cache_creation_input_token")
            + "\"start_time\":\"%START_TIME%\","
            + "\"method\":\"%REQ(:METHOD)%\","
            + "\"x-envoy-origin-path\":\"%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%\","
            + "\"protocol\":\"%PROTOCOL%\","
            + "\"response_code\":\"%RESPONSE_CODE%\","
            + "\"response_flags\":\"%RESPONSE_FLAGS%\","
            + "\"response_code_details\":\"%RESPONSE_CODE_DETAILS%\","
            + "\"bytes_received\":\"%BYTES_RECEIVED%\","
            + "\"bytes_sent\":\"%BYTES_SENT%\","
            + "\"duration\":\"%DURATION%\","
            + "\"user-agent\":\"%REQ(USER-AGENT)%\","
            + "\"x-request-id\":\"%REQ(X-REQUEST-ID)%\","
            + "\"upstream_host\":\"%UPSTREAM_HOST%\","
            + "\"upstream_cluster\":\"%UPSTREAM_CLUSTER%\","
            + "\"route_name\":\"%ROUTE_NAME%\","
            + "\"client_id\":\"%REQ(X-CLIENT-ID)%\",";

    private Fields() {}

    private static String metadata(String field, String key) {
      return "\"%s\":\"%%DYNAMIC_METADATA(io.envoy.ai_gateway:%s)%%\",".formatted(field, key);
    }
  }
}
