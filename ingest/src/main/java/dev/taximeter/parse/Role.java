package dev.taximeter.parse;

/**
 * The fields that decide something, the payer's aside: those are named by the settings. All other
 * fields of a template are only matched.
 */
enum Role {
  AI_LOG("ai_log"),
  BYTES_SENT("bytes_sent"),
  DURATION("duration"),
  METHOD("method"),
  PATH("path"),
  REQUEST_ID("request_id"),
  RESPONSE_CODE("response_code"),
  RESPONSE_CODE_DETAILS("response_code_details"),
  RESPONSE_FLAGS("response_flags"),
  ROUTE_NAME("route_name"),
  START_TIME("start_time"),
  UPSTREAM_CLUSTER("upstream_cluster"),
  UPSTREAM_HOST("upstream_host");

  /** How many there are. */
  static final int COUNT = values().length;

  private final String field;

  Role(String field) {
    this.field = field;
  }

  String field() {
    return field;
  }
}
