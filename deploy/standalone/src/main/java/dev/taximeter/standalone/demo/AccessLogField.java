package dev.taximeter.standalone.demo;

import java.util.Locale;

/** The fields of the gateway's default access-log template, in its order. */
public enum AccessLogField {
  AI_LOG,
  AUTHORITY,
  BYTES_RECEIVED,
  BYTES_SENT,
  DOWNSTREAM_LOCAL_ADDRESS,
  DOWNSTREAM_REMOTE_ADDRESS,
  DURATION,
  ISTIO_POLICY_STATUS,
  METHOD,
  PATH,
  PROTOCOL,
  REQUEST_ID,
  REQUESTED_SERVER_NAME,
  RESPONSE_CODE,
  RESPONSE_FLAGS,
  ROUTE_NAME,
  START_TIME,
  TRACE_ID,
  UPSTREAM_CLUSTER,
  UPSTREAM_HOST,
  UPSTREAM_LOCAL_ADDRESS,
  UPSTREAM_SERVICE_TIME,
  UPSTREAM_TRANSPORT_FAILURE_REASON,
  USER_AGENT,
  X_FORWARDED_FOR,
  RESPONSE_CODE_DETAILS,
  USER_API_KEY,
  CLIENT_VERSION;

  private final String logName = name().toLowerCase(Locale.ROOT);

  /** {@return the field's name in the log} */
  public String logName() {
    return logName;
  }
}
