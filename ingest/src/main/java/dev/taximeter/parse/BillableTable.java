package dev.taximeter.parse;

import dev.taximeter.contract.event.Reason;

/**
 * What a line is worth whose counts can be read: the first row that matches decides. A field that
 * is not genuine is not known here, and what is not known never makes a line unbillable nor hides
 * leakage.
 */
final class BillableTable {
  private static final byte[] VIA_UPSTREAM = Bytes.ascii("via_upstream");
  private static final byte[] CACHE_HIT = Bytes.ascii("ai-cache.hit");
  private static final byte[] AI_PLUGIN = Bytes.ascii("via_wasm::ai-");
  private static final byte[] INTERNAL_REDIRECT = Bytes.ascii("internal_redirect:");
  private static final byte[][] BROKEN_OFF = {
    Bytes.ascii("downstream_remote_disconnect"),
    Bytes.ascii("http2.remote_reset"),
    Bytes.ascii("upstream_reset_after_response_started")
  };
  private static final byte[] CLIENT_LEFT = Bytes.ascii("DC");
  private static final byte[] AI_ROUTE = Bytes.ascii("ai-route-");
  private static final byte[] LLM_CLUSTER = Bytes.ascii("||llm-");
  private static final byte[] MCP_SEGMENT = Bytes.ascii("/mcp/");
  private static final byte[][] READING_METHODS = {
    Bytes.ascii("GET"), Bytes.ascii("HEAD"), Bytes.ascii("OPTIONS"), Bytes.ascii("DELETE")
  };
  private static final byte[][] GENERATING_PATHS = {
    Bytes.ascii("/completions"),
    Bytes.ascii("/embeddings"),
    Bytes.ascii("/v1/messages"),
    Bytes.ascii("/v1/responses"),
    Bytes.ascii("/rerank"),
    Bytes.ascii("/images/generations"),
    Bytes.ascii("/images/edits"),
    Bytes.ascii("/audio/speech"),
    Bytes.ascii("/audio/transcriptions"),
    Bytes.ascii("/audio/translations"),
    Bytes.ascii("enerateContent"),
    Bytes.ascii("/generation")
  };
  private static final byte[][] OTHER_PATHS = {
    Bytes.ascii("/mcp"),
    Bytes.ascii("/sse"),
    Bytes.ascii("/health"),
    Bytes.ascii("/healthz"),
    Bytes.ascii("/livez"),
    Bytes.ascii("/readyz"),
    Bytes.ascii("/ready"),
    Bytes.ascii("/metrics")
  };
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  private BillableTable() {}

  /** A row of the table; only {@link #BILL} has no reason. */
  enum Row {
    BILL,
    ANSWERED_BY_GATEWAY,
    FALLBACK_ATTEMPT,
    REJECTED_KEY,
    FAILED_REQUEST,
    CLIENT_LEFT,
    SUCCESS_WITHOUT_USAGE,
    NOT_AI;

    boolean leakage() {
      return this == CLIENT_LEFT || this == SUCCESS_WITHOUT_USAGE;
    }

    Reason reason() {
      return switch (this) {
        case BILL -> throw new IllegalStateException("a line that is billed needs no reason");
        case ANSWERED_BY_GATEWAY -> Reason.ANSWERED_BY_GATEWAY;
        case FALLBACK_ATTEMPT -> Reason.FALLBACK_ATTEMPT;
        case REJECTED_KEY -> Reason.REJECTED_KEY;
        case FAILED_REQUEST -> Reason.FAILED_REQUEST;
        case CLIENT_LEFT -> Reason.CLIENT_LEFT;
        case SUCCESS_WITHOUT_USAGE -> Reason.SUCCESS_WITHOUT_USAGE;
        case NOT_AI -> Reason.NOT_AI;
      };
    }
  }

  /**
   * @param hasUsage whether any count is above 0
   */
  static Row decide(LineFields fields, boolean hasUsage) {
    boolean noUpstream = isKnownToHaveNoUpstream(fields);
    if (noUpstream && (hasUsage || isReplyOfPlugin(fields))) {
      return Row.ANSWERED_BY_GATEWAY;
    }
    if (hasUsage) {
      return Row.BILL;
    }
    if (fields.contains(Role.RESPONSE_CODE_DETAILS, INTERNAL_REDIRECT)) {
      return Row.FALLBACK_ATTEMPT;
    }
    long status = fields.number(Role.RESPONSE_CODE);
    if (status == UNAUTHORIZED || status == FORBIDDEN) {
      return fields.is(Role.RESPONSE_CODE_DETAILS, VIA_UPSTREAM)
          ? Row.FAILED_REQUEST
          : Row.REJECTED_KEY;
    }
    // "-" where a status belongs means that there was none, like 0.
    if (status == 0 || status >= 400 || fields.isAbsent(Role.RESPONSE_CODE)) {
      return Row.FAILED_REQUEST;
    }
    if (!isAnswer(status) || !isAiCall(fields)) {
      return Row.NOT_AI;
    }
    if (noUpstream) {
      return Row.ANSWERED_BY_GATEWAY;
    }
    if (brokeOff(fields)) {
      return Row.CLIENT_LEFT;
    }
    boolean bodySent = fields.number(Role.BYTES_SENT) != 0;
    return bodySent || mayHaveBrokenOff(fields) ? Row.SUCCESS_WITHOUT_USAGE : Row.NOT_AI;
  }

  /**
   * No upstream was asked, so no provider charges. Where the template has no details, only a cache
   * plugin's own word counts.
   */
  private static boolean isKnownToHaveNoUpstream(LineFields fields) {
    return fields.isAbsent(Role.UPSTREAM_HOST)
        && (fields.knows(Role.RESPONSE_CODE_DETAILS)
            ? !fields.is(Role.RESPONSE_CODE_DETAILS, VIA_UPSTREAM)
            : fields.aiLog().cacheHit());
  }

  /**
   * A cache hit or a guard's denial. The model's name is not asked: it can be the client's. Other
   * errors without an upstream, such as a rejected key, are left to the rows that name them.
   */
  private static boolean isReplyOfPlugin(LineFields fields) {
    return fields.aiLog().cacheHit()
        || fields.startsWith(Role.RESPONSE_CODE_DETAILS, AI_PLUGIN)
        || fields.endsWith(Role.RESPONSE_CODE_DETAILS, CACHE_HIT);
  }

  /** 200 and its like, an upgraded connection, or a status that is not known. */
  private static boolean isAnswer(long status) {
    return status == -1 || status == SWITCHING_PROTOCOLS || (status >= 200 && status < 300);
  }

  /** The client left, or the upstream died, after the answer had begun. */
  private static boolean brokeOff(LineFields fields) {
    return Boolean.TRUE.equals(
            fields.read(Role.RESPONSE_CODE_DETAILS, BillableTable::tellsBrokenOff))
        || Boolean.TRUE.equals(fields.read(Role.RESPONSE_FLAGS, BillableTable::hasClientLeft));
  }

  /** The same where a client has made the gateway's word doubtful, and one value says so. */
  private static boolean mayHaveBrokenOff(LineFields fields) {
    return fields.isAnyContested(Role.RESPONSE_CODE_DETAILS, BillableTable::tellsBrokenOff)
        || fields.isAnyContested(Role.RESPONSE_FLAGS, BillableTable::hasClientLeft);
  }

  private static boolean tellsBrokenOff(byte[] bytes, int from, int to) {
    for (byte[] detail : BROKEN_OFF) {
      if (Bytes.indexOf(bytes, from, to, detail) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** Whether one of the comma-joined flags says so. */
  private static boolean hasClientLeft(byte[] bytes, int from, int to) {
    int start = from;
    while (start < to) {
      int comma = Bytes.indexOf(bytes, start, to, ',');
      int end = comma < 0 ? to : comma;
      if (Bytes.equal(bytes, start, end, CLIENT_LEFT)) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  /** Whether a provider may charge for an answer on this path. */
  private static boolean isAiCall(LineFields fields) {
    if (fields.number(Role.RESPONSE_CODE) != SWITCHING_PROTOCOLS) {
      for (byte[] method : READING_METHODS) {
        if (fields.is(Role.METHOD, method)) {
          return false;
        }
      }
    }
    if (fields.startsWith(Role.ROUTE_NAME, AI_ROUTE)
        || fields.contains(Role.UPSTREAM_CLUSTER, LLM_CLUSTER)) {
      return true;
    }
    // The path is the client's: where it has made the gateway's own words doubtful, and one of them
    // tells an AI call, it must not be the path that says what the request was.
    if (fields.isAnyContested(
            Role.ROUTE_NAME, (b, from, to) -> Bytes.startsWith(b, from, to, AI_ROUTE))
        || fields.isAnyContested(
            Role.UPSTREAM_CLUSTER, (b, from, to) -> Bytes.indexOf(b, from, to, LLM_CLUSTER) >= 0)) {
      return true;
    }
    if (pathEndsWith(fields, OTHER_PATHS) || isMcp(fields)) {
      return false;
    }
    AiLog.State usage = fields.aiLog().state();
    return usage == AiLog.State.OBJECT
        || usage == AiLog.State.CONTESTED
        || pathEndsWith(fields, GENERATING_PATHS)
        // Nor does a further path that the client has written hide the one that was asked for.
        || fields.isAnyContested(
            Role.PATH, (b, from, to) -> endsWithAny(b, from, to, GENERATING_PATHS));
  }

  private static boolean pathEndsWith(LineFields fields, byte[][] suffixes) {
    return Boolean.TRUE.equals(
        fields.read(Role.PATH, (bytes, from, to) -> endsWithAny(bytes, from, to, suffixes)));
  }

  private static boolean isMcp(LineFields fields) {
    return Boolean.TRUE.equals(
        fields.read(
            Role.PATH,
            (bytes, from, to) ->
                Bytes.indexOf(bytes, from, endOfPath(bytes, from, to), MCP_SEGMENT) >= 0));
  }

  /** A query changes nothing of where a request goes, and any client can append one. */
  private static int endOfPath(byte[] bytes, int from, int to) {
    int query = Bytes.indexOf(bytes, from, to, '?');
    return query < 0 ? to : query;
  }

  /** Whether the path, without its query, ends like one of these. */
  private static boolean endsWithAny(byte[] bytes, int from, int to, byte[][] suffixes) {
    int end = endOfPath(bytes, from, to);
    for (byte[] suffix : suffixes) {
      if (Bytes.endsWith(bytes, from, end, suffix)) {
        return true;
      }
    }
    return false;
  }
}
