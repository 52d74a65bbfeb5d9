package dev.taximeter.standalone.endtoend;

import static dev.taximeter.standalone.demo.AccessLogField.*;

import dev.taximeter.standalone.demo.AccessLogField;
import dev.taximeter.standalone.demo.AccessLogLine;
import dev.taximeter.standalone.demo.AiLog;
import dev.taximeter.standalone.endtoend.Oracle.Billed;
import dev.taximeter.standalone.endtoend.Tariff.Customer;
import dev.taximeter.standalone.endtoend.Tariff.Key;
import dev.taximeter.standalone.endtoend.Tariff.Kind;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Writes access logs of which it knows what every line is worth. The same seed and times give the
 * same bytes. Not thread-safe.
 */
final class LoadGenerator {
  private static final int PERCENT = 100;

  /** A copy follows its original within so many lines. */
  private static final int FARTHEST_COPY_LINES = 5_000;

  /** Lines of one generator: serial numbers of two seeds never meet. */
  private static final long MOST_LINES = 1_000_000_000;

  private static final int MILLIS_PER_TOKEN = 8;

  /** {@code claude} lines speak Anthropic's dialect, {@code glm} ones have no price in yuan. */
  private static final List<String> MODELS =
      List.of(
          "qwen-plus",
          "qwen-max",
          "qwen-max-2026-01-25",
          "gpt-4o-2024-08-06",
          "gpt-4o-mini",
          "claude-sonnet-4-20250514",
          "glm-4.6");

  private final Tariff tariff;
  private final Oracle oracle;
  private final Random random;
  private final Instant from;
  private final Instant to;
  private final Map<String, Long> fates = new TreeMap<>();
  private final List<String> recent = new ArrayList<>();
  private final boolean mixedEncodings;
  private long serial;

  /**
   * @param from earliest completion
   * @param to latest completion, exclusive; not after now
   */
  LoadGenerator(Tariff tariff, Oracle oracle, long seed, Instant from, Instant to) {
    this(tariff, oracle, seed, seed, false, from, to);
  }

  /**
   * @param copy lines of two copies of one seed are worth the same, and no two of them are alike
   * @param mixedEncodings whether some lines are in the JSON encoding
   */
  LoadGenerator(
      Tariff tariff,
      Oracle oracle,
      long seed,
      long copy,
      boolean mixedEncodings,
      Instant from,
      Instant to) {
    this.tariff = tariff;
    this.oracle = oracle;
    this.random = new Random(seed);
    this.serial = copy * MOST_LINES;
    this.mixedEncodings = mixedEncodings;
    this.from = from;
    this.to = to;
  }

  /** Lines by fate so far, by its name in a backfill's answer. */
  Map<String, Long> fates() {
    return Map.copyOf(fates);
  }

  long fate(String name) {
    return fates.getOrDefault(name, 0L);
  }

  /** Writes a file of so many lines. */
  void write(Path file, int lines, int duplicatePercent, int brokenPercent) throws IOException {
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      for (int i = 0; i < lines; i++) {
        writer.write(next(duplicatePercent, brokenPercent));
        writer.write('\n');
      }
    }
  }

  /** The next line; the oracle learns what it is worth. */
  String next(int duplicatePercent, int brokenPercent) {
    int ticket = random.nextInt(PERCENT);
    if (ticket < duplicatePercent && !recent.isEmpty()) {
      count("duplicate");
      return recent.get(random.nextInt(recent.size()));
    }
    String line =
        ticket >= duplicatePercent && ticket < duplicatePercent + brokenPercent
            ? broken()
            : whole();
    if (recent.size() < FARTHEST_COPY_LINES) {
      recent.add(line);
    } else {
      recent.set(random.nextInt(FARTHEST_COPY_LINES), line);
    }
    return line;
  }

  private String whole() {
    Request request = draw();
    AccessLogLine line = line(request, usage(request));
    int ticket = random.nextInt(1_000);
    if (ticket < 850) {
      bill(request);
      if (mixedEncodings && request.serial % 3 == 0) {
        return line.json();
      }
    } else if (ticket < 860) {
      bill(request);
      line.set(RESPONSE_FLAGS, "DC").set(RESPONSE_CODE_DETAILS, "downstream_remote_disconnect");
    } else if (ticket < 867) {
      bill(request);
      line.set(USER_AGENT, "x\",\"response_code\":\"500\",\"ai_log\":\"{}\",\"z\":\"x");
    } else if (ticket < 870) {
      count("suspense");
      line.set(CLIENT_VERSION, "1\",\"user_api_key\":\"" + anyKey().secret());
    } else if (ticket < 900) {
      count("unattributed");
      line.set(USER_API_KEY, "sk-test-unknown-" + random.nextInt(5));
    } else if (ticket < 920) {
      count("unattributed");
      line.set(USER_API_KEY, "-");
    } else {
      count("unbillable");
      unbillable(request, line, ticket);
    }
    return line.text();
  }

  private void unbillable(Request request, AccessLogLine line, int ticket) {
    AiLog withoutUsage = new AiLog().set("api", "-").set("chat_round", 1);
    if (ticket < 960) {
      line.aiLog(withoutUsage).set(RESPONSE_CODE, 429);
    } else if (ticket < 975) {
      line.aiLog(withoutUsage)
          .set(RESPONSE_FLAGS, "DC")
          .set(RESPONSE_CODE_DETAILS, "downstream_remote_disconnect");
    } else if (ticket < 980) {
      line.aiLog(withoutUsage.set("response_type", "stream"));
    } else if (ticket < 990) {
      line.aiLog(
              usage(request)
                  .set("model", "from-cache")
                  .set("cache_status", "hit")
                  .set("input_token", 0)
                  .set("output_token", 0)
                  .set("total_token", 0)
                  .set("input_token_details", Map.of())
                  .set("output_token_details", Map.of()))
          .set(UPSTREAM_HOST, "-")
          .set(RESPONSE_CODE_DETAILS, "via_wasm::ai-cache.hit");
    } else {
      line.set(AI_LOG, "-")
          .set(METHOD, "GET")
          .set(PATH, "/healthz")
          .set(ROUTE_NAME, "health")
          .set(UPSTREAM_CLUSTER, "-")
          .set(UPSTREAM_HOST, "-")
          .set(RESPONSE_CODE_DETAILS, "direct_response");
    }
  }

  /** A line that must be quarantined. */
  private String broken() {
    count("quarantined");
    Request request = draw();
    AiLog aiLog = usage(request);
    return switch (random.nextInt(5)) {
      case 0 -> {
        String whole = line(request, aiLog).text();
        // Behind the serial number, so that no two cut lines are alike.
        int least = whole.indexOf("chatcmpl-") + 40;
        int most = whole.indexOf("\"authority\"") - 5;
        yield whole.substring(0, least + random.nextInt(most - least));
      }
      case 1 -> "[2026-11-03 08:14:05.458][" + serial + "][info][main] starting main dispatch loop";
      case 2 -> line(request, aiLog.set("input_token", -1 - random.nextInt(100))).text();
      case 3 -> line(request, aiLog.set("output_token", "12.5")).text();
      default ->
          line(request, aiLog)
              .times(to.plus(Duration.ofDays(2 + random.nextInt(300))), request.duration)
              .text();
    };
  }

  /** The line of a request that somebody else has drawn; the oracle does not hear of it. */
  String line(
      Customer customer, Key key, String model, Instant completion, Map<Kind, Long> tokens) {
    Request request = request(customer, key, model, completion, tokens);
    AccessLogLine line = line(request, usage(request));
    return mixedEncodings && request.serial % 3 == 0 ? line.json() : line.text();
  }

  private Request request(
      Customer customer, Key key, String model, Instant completion, Map<Kind, Long> tokens) {
    long output = tokens.getOrDefault(Kind.OUTPUT, 0L);
    int duration = 20 + random.nextInt(50) + (int) (output * MILLIS_PER_TOKEN);
    serial++;
    return new Request(customer, key, model, completion, duration, tokens, serial);
  }

  private record Request(
      Customer customer,
      Key key,
      String model,
      Instant completion,
      int duration,
      Map<Kind, Long> tokens,
      long serial) {
    long of(Kind kind) {
      return tokens.getOrDefault(kind, 0L);
    }

    boolean isAnthropic() {
      return model.startsWith("claude");
    }
  }

  private Request draw() {
    Customer customer = tariff.customers().get(random.nextInt(tariff.customers().size()));
    Key key = customer.keys().get(random.nextInt(customer.keys().size()));
    String model = MODELS.get(random.nextInt(MODELS.size()));
    Map<Kind, Long> tokens = new EnumMap<>(Kind.class);
    tokens.put(Kind.INPUT, 1L + random.nextInt(random.nextInt(20) == 0 ? 30_000 : 2_000));
    tokens.put(Kind.OUTPUT, (long) random.nextInt(1_000));
    if (random.nextInt(4) == 0) {
      if (model.startsWith("claude")) {
        // More is read from the cache than is new: only Anthropic's way of counting allows that.
        tokens.put(Kind.CACHED_INPUT, tokens.get(Kind.INPUT) + 1 + random.nextInt(5_000));
        tokens.put(Kind.CACHE_WRITE, 1L + random.nextInt(800));
      } else {
        tokens.put(Kind.CACHED_INPUT, 1L + random.nextInt(3_000));
        tokens.put(Kind.REASONING, 1L + random.nextInt(700));
      }
    }
    return request(customer, key, model, completion(customer), tokens);
  }

  /** Any instant, and often one next to a boundary where another month, day or price begins. */
  private Instant completion(Customer customer) {
    long span = Duration.between(from, to).toMillis();
    Instant any = from.plusMillis((long) (random.nextDouble() * span));
    if (random.nextInt(20) > 0) {
      return any;
    }
    Instant boundary =
        switch (random.nextInt(3)) {
          case 0 ->
              YearMonth.from(any.atZone(customer.zone()))
                  .atDay(1)
                  .atStartOfDay(customer.zone())
                  .toInstant();
          case 1 ->
              any.atZone(customer.zone()).toLocalDate().atStartOfDay(customer.zone()).toInstant();
          default ->
              tariff.book(customer).prices().stream()
                  .map(Tariff.Price::from)
                  .max(Instant::compareTo)
                  .orElseThrow();
        };
    Instant beside = boundary.minusMillis(random.nextInt(2));
    return beside.isBefore(from) || !beside.isBefore(to) ? any : beside;
  }

  private Key anyKey() {
    List<Key> keys = tariff.customers().stream().flatMap(c -> c.keys().stream()).toList();
    return keys.get(random.nextInt(keys.size()));
  }

  private void bill(Request request) {
    count("billed");
    oracle.add(
        new Billed(
            request.customer,
            request.key.name(),
            request.model,
            request.completion,
            request.tokens));
  }

  private void count(String fate) {
    fates.merge(fate, 1L, Long::sum);
  }

  private AiLog usage(Request request) {
    AiLog aiLog =
        new AiLog()
            .set("api", "-")
            .set("chat_id", "chatcmpl-" + request.serial)
            .set("chat_round", 1 + random.nextInt(9))
            .set("llm_service_duration", request.duration - 5)
            .set("model", request.model)
            .set("response_type", random.nextBoolean() ? "stream" : "normal");
    long input = request.of(Kind.INPUT);
    long cached = request.of(Kind.CACHED_INPUT);
    long written = request.of(Kind.CACHE_WRITE);
    long output = request.of(Kind.OUTPUT) + request.of(Kind.REASONING);
    if (!request.isAnthropic()) {
      input += cached;
    }
    // Older plugins write counts as text.
    boolean text = random.nextInt(10) == 0;
    aiLog
        .set("input_token", text ? Long.toString(input) : (Object) input)
        .set("output_token", text ? Long.toString(output) : (Object) output)
        .set("total_token", input + output + (request.isAnthropic() ? cached + written : 0));
    Map<String, Object> inputDetails = new TreeMap<>();
    if (cached > 0) {
      inputDetails.put(request.isAnthropic() ? "cache_read_input_tokens" : "cached_tokens", cached);
    }
    if (written > 0) {
      inputDetails.put("cache_creation_input_tokens", written);
    }
    Map<String, Object> outputDetails = new TreeMap<>();
    if (request.of(Kind.REASONING) > 0) {
      outputDetails.put("reasoning_tokens", request.of(Kind.REASONING));
    }
    if (random.nextInt(25) == 0) {
      aiLog.set("question", "写一个\"标题\" <b> C:\\Users").set("answer", "好的\n");
    }
    return aiLog
        .set("input_token_details", inputDetails)
        .set("output_token_details", outputDetails);
  }

  private AccessLogLine line(Request request, AiLog aiLog) {
    String provider =
        request.isAnthropic() ? "claude" : request.model.startsWith("gpt") ? "openai" : "qwen";
    return new AccessLogLine()
        .aiLog(aiLog)
        .set(AUTHORITY, "llm.example.com")
        .set(BYTES_RECEIVED, 200 + random.nextInt(9_000))
        .set(BYTES_SENT, 400 + random.nextInt(9_000))
        .set(DOWNSTREAM_LOCAL_ADDRESS, "10.0.0.5:8080")
        .set(DOWNSTREAM_REMOTE_ADDRESS, "203.0.113.9:" + (30_000 + random.nextInt(30_000)))
        .times(request.completion.minusMillis(request.duration), request.duration)
        .set(METHOD, "POST")
        .set(PATH, request.isAnthropic() ? "/v1/messages" : "/v1/chat/completions")
        .set(PROTOCOL, "HTTP/1.1")
        .set(REQUEST_ID, new UUID(request.serial, random.nextLong()).toString())
        .set(RESPONSE_CODE, 200)
        .set(ROUTE_NAME, "ai-route-" + provider + ".internal")
        .set(UPSTREAM_CLUSTER, "outbound|443||llm-" + provider + ".internal.dns")
        .set(UPSTREAM_HOST, "192.0.2.18:443")
        .set(AccessLogField.UPSTREAM_SERVICE_TIME, request.duration - 10)
        .set(USER_AGENT, "OpenAI/Python 1.99.1")
        .set(X_FORWARDED_FOR, "203.0.113.9")
        .set(RESPONSE_CODE_DETAILS, "via_upstream")
        .set(USER_API_KEY, request.key.secret());
  }
}
