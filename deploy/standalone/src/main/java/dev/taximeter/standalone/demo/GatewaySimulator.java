package dev.taximeter.standalone.demo;

import static dev.taximeter.standalone.demo.AccessLogField.AI_LOG;
import static dev.taximeter.standalone.demo.AccessLogField.AUTHORITY;
import static dev.taximeter.standalone.demo.AccessLogField.BYTES_RECEIVED;
import static dev.taximeter.standalone.demo.AccessLogField.BYTES_SENT;
import static dev.taximeter.standalone.demo.AccessLogField.CLIENT_VERSION;
import static dev.taximeter.standalone.demo.AccessLogField.DOWNSTREAM_LOCAL_ADDRESS;
import static dev.taximeter.standalone.demo.AccessLogField.DOWNSTREAM_REMOTE_ADDRESS;
import static dev.taximeter.standalone.demo.AccessLogField.METHOD;
import static dev.taximeter.standalone.demo.AccessLogField.PATH;
import static dev.taximeter.standalone.demo.AccessLogField.PROTOCOL;
import static dev.taximeter.standalone.demo.AccessLogField.REQUESTED_SERVER_NAME;
import static dev.taximeter.standalone.demo.AccessLogField.REQUEST_ID;
import static dev.taximeter.standalone.demo.AccessLogField.RESPONSE_CODE;
import static dev.taximeter.standalone.demo.AccessLogField.RESPONSE_CODE_DETAILS;
import static dev.taximeter.standalone.demo.AccessLogField.RESPONSE_FLAGS;
import static dev.taximeter.standalone.demo.AccessLogField.ROUTE_NAME;
import static dev.taximeter.standalone.demo.AccessLogField.UPSTREAM_CLUSTER;
import static dev.taximeter.standalone.demo.AccessLogField.UPSTREAM_HOST;
import static dev.taximeter.standalone.demo.AccessLogField.UPSTREAM_LOCAL_ADDRESS;
import static dev.taximeter.standalone.demo.AccessLogField.UPSTREAM_SERVICE_TIME;
import static dev.taximeter.standalone.demo.AccessLogField.USER_AGENT;
import static dev.taximeter.standalone.demo.AccessLogField.USER_API_KEY;
import static dev.taximeter.standalone.demo.AccessLogField.X_FORWARDED_FOR;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * Invents what a busy gateway logs: the requests of {@link DemoKey}'s customers with their tokens,
 * errors, hang-ups and tricks. The same seed gives the same lines. Not thread-safe.
 */
final class GatewaySimulator {
  private static final String HOST = "llm.example.com";
  private static final String GATEWAY = "10.0.0.5";
  private static final String CHAT_PATH = "/v1/chat/completions";

  /** How many of 100 lines carry their question and answer. */
  private static final int PROMPT_PERCENT = 6;

  /** How many of 100 requests use the customer's favourite model. */
  private static final int FAVOURITE_PERCENT = 70;

  /** Spread of token counts: the standard deviation of their logarithm. */
  private static final double TOKEN_SPREAD = 0.8;

  /** Keys in use that nobody has entered into the catalogue. */
  private static final int FORGOTTEN_KEYS = 3;

  private static final int MOST_TOKENS = 120_000;
  private static final double BYTES_PER_TOKEN = 4.2;

  /** Bytes of each event of a stream around its token. */
  private static final int STREAM_OVERHEAD = 180;

  private final Random random;
  private Instant activityHour = Instant.MIN;
  private double[] activity = {};

  GatewaySimulator(long seed) {
    this.random = new Random(seed);
  }

  /**
   * Invents what the gateway logs for one request: mostly one line, two for a fallback.
   *
   * @param completion when the request ends
   */
  List<SimulatedLine> request(Instant completion) {
    return request(completion, busyKey(completion));
  }

  /** As {@link #request(Instant)}, for a given customer. */
  List<SimulatedLine> request(Instant completion, DemoKey key) {
    Outcome outcome = Outcome.draw(random);
    Request request = draw(completion, key);
    return switch (outcome) {
      case ANSWERED -> List.of(answered(request));
      case RATE_LIMITED -> List.of(failed(request, 429, "-", "via_upstream", true));
      case UNAVAILABLE -> List.of(failed(request, 503, "UH", "no_healthy_upstream", false));
      case REJECTED_KEY -> List.of(rejected(request));
      case CLIENT_LEFT -> List.of(clientLeft(request));
      case CLIENT_LEFT_LATE -> List.of(clientLeftLate(request));
      case WITHOUT_USAGE -> List.of(withoutUsage(request));
      case FALLBACK -> fallback(request);
      case CACHE_HIT -> List.of(fromGateway(request, 200, "from-cache", "ai-cache.hit"));
      case GUARDED ->
          List.of(fromGateway(request, 403, "from-security-guard", "ai-security-guard.deny"));
      case WITHOUT_KEY -> List.of(withKey(request, "-"));
      case UNKNOWN_KEY ->
          List.of(withKey(request, "sk-demo-forgotten-" + random.nextInt(FORGOTTEN_KEYS)));
      case TAMPERED -> List.of(tampered(request));
      case FORGED_KEY -> List.of(forgedKey(request));
      case HEALTH_CHECK -> List.of(healthCheck(request));
      case CUT -> List.of(cut(answered(request)));
    };
  }

  /** A request that is certainly billed. */
  SimulatedLine billed(Instant completion, DemoKey key) {
    return answered(draw(completion, key));
  }

  /** Draws a customer; who is busier at that instant is likelier. */
  private DemoKey busyKey(Instant instant) {
    Instant hour = instant.truncatedTo(ChronoUnit.HOURS);
    if (!hour.equals(activityHour)) {
      activityHour = hour;
      activity = DemoKey.ALL.stream().mapToDouble(key -> key.activity(hour)).toArray();
    }
    return DemoKey.ALL.get(weighted(activity));
  }

  /** A request before its end is known. */
  private record Request(
      DemoKey key,
      DemoModel model,
      boolean stream,
      int prompt,
      int cached,
      int answer,
      int firstToken,
      int duration,
      Instant completion,
      UUID id) {
    Instant start() {
      return completion.minusMillis(duration);
    }
  }

  private Request draw(Instant completion, DemoKey key) {
    DemoModel model = key.models().get(0);
    if (key.models().size() > 1 && !chance(FAVOURITE_PERCENT)) {
      model = key.models().get(1 + random.nextInt(key.models().size() - 1));
    }
    int prompt = tokens(model.medianPrompt());
    int cached = chance(model.cachedPercent()) ? prompt / 2 + random.nextInt(prompt / 2 + 1) : 0;
    int answer = model.isEmbedding() ? 0 : tokens(model.medianAnswer());
    int firstToken = 40 + random.nextInt(200) + prompt / 20;
    int duration = firstToken + (int) (answer * 1_000L / model.tokensPerSecond());
    return new Request(
        key,
        model,
        !model.isEmbedding() && chance(key.streamPercent()),
        prompt,
        cached,
        answer,
        firstToken,
        duration,
        Instant.ofEpochMilli(completion.toEpochMilli()),
        new UUID(
            (random.nextLong() & ~0xf000L) | 0x4000L, (random.nextLong() >>> 2) | Long.MIN_VALUE));
  }

  /** Token counts spread like people's questions: many short, few very long. */
  private int tokens(int median) {
    double count = median * StrictMath.exp(TOKEN_SPREAD * random.nextGaussian());
    return (int) Math.max(1, Math.min(MOST_TOKENS, count));
  }

  private SimulatedLine answered(Request request) {
    return owned(request, line(request, usage(request)));
  }

  private SimulatedLine withKey(Request request, String rawKey) {
    return unowned(request, line(request, usage(request)).set(USER_API_KEY, rawKey));
  }

  private SimulatedLine failed(
      Request request, int status, String flags, String details, boolean reachedProvider) {
    int duration = 20 + random.nextInt(120);
    AccessLogLine line =
        line(request, requestPhase(request).set("llm_service_duration", duration - 3))
            .times(request.completion.minusMillis(duration), duration)
            .set(BYTES_SENT, 90 + random.nextInt(150))
            .set(RESPONSE_CODE, status)
            .set(RESPONSE_FLAGS, flags)
            .set(RESPONSE_CODE_DETAILS, details)
            .set(UPSTREAM_SERVICE_TIME, reachedProvider ? duration - 5 : 0);
    return unowned(request, reachedProvider ? line : withoutUpstream(line));
  }

  private SimulatedLine rejected(Request request) {
    AccessLogLine line =
        withoutUpstream(line(request, new AiLog()))
            .set(AI_LOG, "-")
            .times(request.completion.minusMillis(1), 1)
            .set(BYTES_SENT, 58)
            .set(RESPONSE_CODE, 401)
            .set(ROUTE_NAME, "-")
            .set(UPSTREAM_CLUSTER, "-")
            .set(RESPONSE_CODE_DETAILS, "via_wasm::key-auth::unauthorized")
            .set(USER_API_KEY, "sk-guess-" + hex(8));
    return unowned(request, line);
  }

  private SimulatedLine clientLeft(Request request) {
    return unowned(
        request,
        line(request, requestPhase(request))
            .set(RESPONSE_FLAGS, "DC")
            .set(RESPONSE_CODE_DETAILS, "downstream_remote_disconnect"));
  }

  private SimulatedLine clientLeftLate(Request request) {
    return unowned(
        request,
        line(request, usage(request))
            .set(RESPONSE_FLAGS, "DC")
            .set(RESPONSE_CODE_DETAILS, "downstream_remote_disconnect"));
  }

  private SimulatedLine withoutUsage(Request request) {
    AiLog aiLog =
        requestPhase(request)
            .set("chat_id", chatId(request))
            .set("llm_service_duration", request.duration - 4)
            .set("response_type", "stream");
    return unowned(request, line(request, aiLog));
  }

  /** The failed attempt and the answer of another provider carry one request id. */
  private List<SimulatedLine> fallback(Request request) {
    AccessLogLine attempt =
        line(request, requestPhase(request))
            .times(request.start(), 60)
            .set(RESPONSE_CODE, 503)
            .set(BYTES_SENT, 0)
            .set(RESPONSE_CODE_DETAILS, "internal_redirect:ai-proxy.fallback");
    DemoModel other =
        request.model.provider() == DemoModel.Provider.QWEN
            ? DemoModel.GPT_4O_MINI
            : DemoModel.QWEN_PLUS;
    Request second =
        new Request(
            request.key,
            other,
            request.stream,
            request.prompt,
            0,
            request.answer,
            request.firstToken,
            request.duration,
            request.completion,
            request.id);
    AccessLogLine answer =
        line(second, usage(second)).set(ROUTE_NAME, request.model.provider().fallbackRoute());
    return List.of(unowned(request, attempt), owned(second, answer));
  }

  private SimulatedLine fromGateway(Request request, int status, String model, String details) {
    AiLog aiLog =
        requestPhase(request)
            .set("model", model)
            .set("input_token", 0)
            .set("output_token", 0)
            .set("total_token", 0);
    if (status == 200) {
      aiLog.set("cache_status", "hit");
    }
    AccessLogLine line =
        withoutUpstream(line(request, aiLog))
            .times(request.completion.minusMillis(6), 6)
            .set(RESPONSE_CODE, status)
            .set(RESPONSE_CODE_DETAILS, "via_wasm::" + details);
    return unowned(request, line);
  }

  private SimulatedLine tampered(Request request) {
    return unowned(
        request,
        line(request, usage(request))
            .set(USER_AGENT, "x\",\"response_code\":\"500\",\"ai_log\":\"{}\",\"z\":\"x"));
  }

  private SimulatedLine forgedKey(Request request) {
    DemoKey victim = DemoKey.ALL.get(random.nextInt(DemoKey.ALL.size()));
    return unowned(
        request,
        line(request, usage(request))
            .set(CLIENT_VERSION, "1.0\",\"user_api_key\":\"" + victim.secret()));
  }

  private SimulatedLine healthCheck(Request request) {
    AccessLogLine line =
        withoutUpstream(line(request, new AiLog()))
            .set(AI_LOG, "-")
            .times(request.completion.minusMillis(1), 1)
            .set(METHOD, "GET")
            .set(PATH, "/healthz")
            .set(BYTES_RECEIVED, 0)
            .set(BYTES_SENT, 2)
            .set(ROUTE_NAME, "health")
            .set(UPSTREAM_CLUSTER, "-")
            .set(USER_AGENT, "kube-probe/1.33")
            .set(RESPONSE_CODE_DETAILS, "direct_response")
            .set(USER_API_KEY, "-");
    return unowned(request, line);
  }

  private SimulatedLine cut(SimulatedLine whole) {
    int length = 40 + random.nextInt(whole.text().length() - 100);
    return new SimulatedLine(
        whole.text().substring(0, length), whole.completion(), null, null, 0, 0);
  }

  private static SimulatedLine unowned(Request request, AccessLogLine line) {
    return new SimulatedLine(line.text(), request.completion, null, null, 0, 0);
  }

  private static SimulatedLine owned(Request request, AccessLogLine line) {
    return new SimulatedLine(
        line.text(),
        request.completion,
        request.key,
        request.model,
        request.prompt + (speaksAnthropic(request) ? cacheRead(request) + cacheWrite(request) : 0),
        request.answer);
  }

  /** The line of a normal answer. */
  private AccessLogLine line(Request request, AiLog aiLog) {
    DemoKey key = request.key;
    int received = (int) (request.prompt * BYTES_PER_TOKEN) + 120;
    int sent =
        request.model.isEmbedding()
            ? 22_000
            : (int) (request.answer * (BYTES_PER_TOKEN + (request.stream ? STREAM_OVERHEAD : 0)));
    String remote = key.address() + ":" + (32_768 + random.nextInt(28_000));
    return new AccessLogLine()
        .aiLog(aiLog)
        .set(AUTHORITY, HOST)
        .set(BYTES_RECEIVED, received)
        .set(BYTES_SENT, sent + 300)
        .set(DOWNSTREAM_LOCAL_ADDRESS, GATEWAY + ":8080")
        .set(DOWNSTREAM_REMOTE_ADDRESS, remote)
        .times(request.start(), request.duration)
        .set(METHOD, "POST")
        .set(PATH, path(request))
        .set(PROTOCOL, modern(key) ? "HTTP/2" : "HTTP/1.1")
        .set(REQUEST_ID, request.id.toString())
        .set(REQUESTED_SERVER_NAME, modern(key) ? HOST : "-")
        .set(RESPONSE_CODE, 200)
        .set(ROUTE_NAME, request.model.provider().route())
        .set(UPSTREAM_CLUSTER, request.model.provider().cluster())
        .set(UPSTREAM_HOST, request.model.provider().address())
        .set(UPSTREAM_LOCAL_ADDRESS, GATEWAY + ":" + (32_768 + random.nextInt(28_000)))
        .set(UPSTREAM_SERVICE_TIME, request.firstToken)
        .set(USER_AGENT, key.userAgent())
        .set(X_FORWARDED_FOR, key.address())
        .set(RESPONSE_CODE_DETAILS, "via_upstream")
        .set(USER_API_KEY, key.secret())
        .set(CLIENT_VERSION, modern(key) ? "3.2.0" : "-");
  }

  private static AccessLogLine withoutUpstream(AccessLogLine line) {
    return line.set(UPSTREAM_HOST, "-")
        .set(UPSTREAM_LOCAL_ADDRESS, "-")
        .set(UPSTREAM_SERVICE_TIME, "-");
  }

  private static String path(Request request) {
    if (request.model.isEmbedding()) {
      return "/v1/embeddings";
    }
    return speaksAnthropic(request) ? "/v1/messages?beta=true" : CHAT_PATH;
  }

  /** Only Claude's own clients use its own protocol, with its own way of counting. */
  private static boolean speaksAnthropic(Request request) {
    return request.model.provider() == DemoModel.Provider.CLAUDE
        && !request.key.userAgent().startsWith("OpenAI");
  }

  /** Clients that stream mostly also speak HTTP/2 and say their version. */
  private static boolean modern(DemoKey key) {
    return key.streamPercent() >= 50;
  }

  /** What the gateway knows before there is an answer. */
  private AiLog requestPhase(Request request) {
    AiLog aiLog =
        new AiLog()
            .set("api", "-")
            .set("chat_round", request.model.isEmbedding() ? 0 : 1 + random.nextInt(8));
    if (chance(PROMPT_PERCENT)) {
      aiLog.set("question", Prompts.draw(random).question());
    }
    return aiLog;
  }

  /** What the gateway knows at the end of a normal answer. */
  private AiLog usage(Request request) {
    AiLog aiLog =
        new AiLog()
            .set("api", "-")
            .set("chat_id", chatId(request))
            .set("chat_round", request.model.isEmbedding() ? 0 : 1 + random.nextInt(8))
            .set("llm_service_duration", request.duration - 4)
            .set("model", request.model.name())
            .set("response_type", request.stream ? "stream" : "normal");
    if (request.stream) {
      aiLog.set("llm_first_token_duration", request.firstToken);
    }
    if (chance(PROMPT_PERCENT)) {
      Prompts.Exchange exchange = Prompts.draw(random);
      aiLog.set("question", exchange.question()).set("answer", exchange.answer());
    }
    return speaksAnthropic(request) ? anthropic(aiLog, request) : openAi(aiLog, request);
  }

  /** Input includes cached tokens, output includes reasoning. */
  private static AiLog openAi(AiLog aiLog, Request request) {
    int reasoning = (int) ((long) request.answer * request.model.reasoningPercent() / 100);
    return aiLog
        .set("input_token", request.prompt)
        .set("output_token", request.answer)
        .set("total_token", request.prompt + request.answer)
        .set(
            "input_token_details",
            request.cached > 0 ? Map.of("cached_tokens", request.cached) : Map.of())
        .set(
            "output_token_details",
            reasoning > 0 ? Map.of("reasoning_tokens", reasoning) : Map.of());
  }

  /** Input excludes what was read from or written to the cache. */
  private static AiLog anthropic(AiLog aiLog, Request request) {
    int written = cacheWrite(request);
    int read = cacheRead(request);
    return aiLog
        .set("input_token", request.prompt)
        .set("output_token", request.answer)
        .set("total_token", request.prompt + request.answer + written + read)
        .set(
            "input_token_details",
            read > 0
                ? Map.of("cache_creation_input_tokens", written, "cache_read_input_tokens", read)
                : Map.of())
        .set("output_token_details", Map.of());
  }

  /** A conversation with a cache re-reads far more than it adds. */
  private static int cacheRead(Request request) {
    return request.cached > 0 ? request.prompt + request.cached : 0;
  }

  private static int cacheWrite(Request request) {
    return request.cached > 0 ? request.prompt / 8 : 0;
  }

  private static String chatId(Request request) {
    return "chatcmpl-" + request.id.toString().substring(0, 13);
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private String hex(int digits) {
    return "%08x".formatted(random.nextInt()).substring(0, digits);
  }

  /** {@return a wait of about {@code mean}, as between independent events} */
  Duration pause(Duration mean) {
    double factor = -StrictMath.log(1 - random.nextDouble());
    return Duration.ofNanos((long) (mean.toNanos() * factor));
  }

  /**
   * Draws an index.
   *
   * @param weights its odds: 0 or more each, not all 0
   */
  int weighted(double[] weights) {
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    double ticket = random.nextDouble() * total;
    for (int i = 0; i < weights.length; i++) {
      ticket -= weights[i];
      if (ticket < 0) {
        return i;
      }
    }
    return weights.length - 1;
  }

  /** {@return a whole number from {@code least} to {@code most}} */
  int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }
}
