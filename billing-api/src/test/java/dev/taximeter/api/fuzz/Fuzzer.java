package dev.taximeter.api.fuzz;

import dev.taximeter.contract.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends calls that it makes up from the OpenAPI document, good ones and bad ones, and says what an
 * answer does that the document does not: a 5xx other than the documented "not now", an
 * undocumented status, type or field, a problem that is none, a success where there must be a
 * refusal.
 */
public final class Fuzzer {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MOST_COMPLAINTS = 25;
  private static final int FIRST_REFUSAL = 300;
  private static final double ONE_HUNDRED = 100;

  /** Of each list, values that its items are named by; the first ones stay. */
  private static final int MOST_LEARNT = 20;

  /** Of streams that do not end by themselves. */
  private static final int MOST_BYTES_OF_STREAM = 1_024;

  private static final String PROBLEM = "application/problem+json";
  private static final String STREAM = "text/event-stream";

  /** What says "not now" instead of "broken"; only where it is documented. */
  private static final Set<Integer> PASSING = Set.of(503, 504);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final URI root;
  private final String token;
  private final Map<String, List<String>> known;
  private final ApiDocument document;
  private final Random random;
  private final Generator generator;
  private final List<String> complaints = new ArrayList<>();
  private final Set<String> kinds = new TreeSet<>();
  private final Map<String, Integer> statuses = new TreeMap<>();

  /** By operation: how often each status was answered to calls that reached it. */
  private final Map<String, Map<Integer, Integer>> answers = new TreeMap<>();

  /**
   * @param token an administrator's
   * @param seed the same one makes the same calls up
   * @param known by name of a parameter or field, or of both with the path before it: values that
   *     the system knows
   */
  public Fuzzer(URI root, String token, long seed, Map<String, List<String>> known)
      throws IOException, InterruptedException {
    this.root = root;
    this.token = token;
    this.known = new HashMap<>(known);
    this.document = new ApiDocument(documentOf(root, token));
    this.random = new Random(seed);
    this.generator = new Generator(document, random, this.known);
  }

  /**
   * @param statuses how often each was answered
   * @param complaints at most {@value #MOST_COMPLAINTS}
   * @param answers by operation and status: how often
   * @param neverSucceeded operations that no call got a 2xx of
   */
  public record Report(
      int calls,
      Map<String, Integer> statuses,
      List<String> complaints,
      Map<String, Map<Integer, Integer>> answers,
      List<String> neverSucceeded) {
    /** How deep the calls went: for each operation, the share of them that succeeded. */
    public String table() {
      StringBuilder table = new StringBuilder("   2xx  calls  operation (answers)\n");
      answers.forEach(
          (operation, counts) -> {
            int all = counts.values().stream().mapToInt(Integer::intValue).sum();
            table.append(
                "%5.0f%% %6d  %s %s%n"
                    .formatted(ONE_HUNDRED * successes(counts) / all, all, operation, counts));
          });
      return table.toString();
    }
  }

  private static int successes(Map<Integer, Integer> counts) {
    return counts.entrySet().stream()
        .filter(count -> count.getKey() < FIRST_REFUSAL)
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  private String documentOf(URI root, String token) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(root.resolve("/v1/openapi.json"))
            .header("Authorization", "Bearer " + token)
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  /** Makes so many calls, one after the other, each operation as often as the others. */
  public Report run(int calls) throws IOException, InterruptedException {
    List<ApiDocument.Operation> operations = document.operations();
    for (int i = 0; i < calls && complaints.size() < MOST_COMPLAINTS; i++) {
      ApiDocument.Operation operation = operations.get(i % operations.size());
      List<String> own = known.get(operation.name() + " authorization");
      Call call = generator.next(operation, own == null ? "Bearer " + token : own.get(0));
      send(call);
    }
    return new Report(
        calls,
        statuses,
        complaints,
        answers,
        operations.stream()
            .map(ApiDocument.Operation::name)
            .filter(name -> successes(answers.getOrDefault(name, Map.of())) == 0)
            .toList());
  }

  private void send(Call call) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(root + call.address()))
            .timeout(PATIENCE)
            .method(call.method, HttpRequest.BodyPublishers.ofByteArray(call.body));
    call.headers.forEach(
        (name, value) -> {
          if (value.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            request.header(name, value);
          }
        });
    HttpResponse<InputStream> response;
    try {
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      complain(call, "there was no answer: " + e);
      return;
    }
    String type = response.headers().firstValue("Content-Type").orElse("").split(";", 2)[0].strip();
    String body;
    try (InputStream stream = response.body()) {
      byte[] bytes =
          type.equals(STREAM) ? stream.readNBytes(MOST_BYTES_OF_STREAM) : stream.readAllBytes();
      body = new String(bytes, StandardCharsets.UTF_8);
    }
    String counted = Integer.toString(response.statusCode());
    statuses.merge(
        response.statusCode() < 500 ? counted : counted + " " + call.operation.name(),
        1,
        Integer::sum);
    ApiDocument.Operation reached = operationOf(call);
    if (reached != null) {
      answers
          .computeIfAbsent(reached.name(), name -> new TreeMap<>())
          .merge(response.statusCode(), 1, Integer::sum);
    }
    judge(call, response.statusCode(), type, body);
  }

  private void judge(Call call, int status, String type, String body) {
    if (status >= 500 && !PASSING.contains(status)) {
      complain(call, "%d %s".formatted(status, body));
    } else if (call.mustBe != 0 && status != call.mustBe && !isTooMany(call, status)) {
      complain(call, "must be %d, is %d %s".formatted(call.mustBe, status, body));
    } else if (call.mustFail && status < 400) {
      complain(call, "must be refused, is %d %s".formatted(status, body));
    } else if (isElsewhere(call, status)) {
      checkProblem(call, status, type, body, MissingNode.getInstance());
    } else {
      JsonNode documented = operationOf(call).response(status);
      if (documented.isMissingNode()) {
        complain(call, "undocumented status %d %s".formatted(status, body));
      } else if (status >= 400) {
        checkProblem(call, status, type, body, documented);
      } else {
        learn(call, type, body);
        checkSuccess(call, documented, status, type, body);
      }
    }
  }

  /** So many wrong proofs come from one address that the last of them are not looked at. */
  private static boolean isTooMany(Call call, int status) {
    return call.mustBe == 401 && status == 429;
  }

  /** What a list names can be asked for: without it most calls would meet nothing. */
  private void learn(Call call, String type, String body) {
    if (!call.method.equals("GET") || !type.equals("application/json")) {
      return;
    }
    JsonNode items = Json.MAPPER.readTree(body).path("items");
    String list = call.operation.path() + "/{";
    for (ApiDocument.Operation operation : document.operations()) {
      String path = operation.path();
      if (path.startsWith(list)) {
        String parameter = path.substring(list.length(), path.indexOf('}', list.length()));
        List<String> values =
            new ArrayList<>(known.getOrDefault(path + " " + parameter, List.of()));
        for (JsonNode item : items) {
          String value = name(item, parameter);
          if (!value.isEmpty() && !values.contains(value) && values.size() < MOST_LEARNT) {
            values.add(value);
          }
        }
        if (!values.isEmpty()) {
          known.put(path + " " + parameter, List.copyOf(values));
        }
      }
    }
  }

  private static String name(JsonNode item, String parameter) {
    for (String field : List.of(parameter, "id", "name", "period", "fingerprint")) {
      if (item.path(field).isString()) {
        return item.path(field).asString();
      }
    }
    return "";
  }

  /** Whether the call has reached no operation of the document. */
  private boolean isElsewhere(Call call, int status) {
    return status == 405
        || (status == 404 && call.twist.contains("path"))
        || (status == 400 && call.twist.contains("path"))
        || operationOf(call) == null;
  }

  private ApiDocument.Operation operationOf(Call call) {
    return document.operations().stream()
        .filter(operation -> operation.method().equals(call.method))
        .filter(operation -> operation.path().equals(call.operation.path()))
        .findFirst()
        .orElse(null);
  }

  /**
   * @param documented missing if no operation was reached
   */
  private void checkProblem(Call call, int status, String type, String body, JsonNode documented) {
    if (!type.equals(PROBLEM)) {
      if (!documented.path("content").has(type)) {
        complain(call, "%d is %s instead of a problem: %s".formatted(status, type, body));
      }
      return;
    }
    List<String> mistakes =
        document.mistakes(
            Json.MAPPER.readTree("{\"$ref\":\"#/components/schemas/Problem\"}"), body);
    if (!mistakes.isEmpty()) {
      complain(call, "%d is no proper problem: %s %s".formatted(status, mistakes, body));
      return;
    }
    JsonNode problem = Json.MAPPER.readTree(body);
    if (problem.path("status").asInt() != status) {
      complain(call, "%d says it is %s".formatted(status, problem.path("status")));
    }
    boolean listed = documented.isMissingNode();
    for (JsonNode one : documented.path("x-problem-types")) {
      listed |= one.equals(problem.path("type"));
    }
    if (!listed) {
      complain(call, "%d has an undocumented type: %s".formatted(status, body));
    }
  }

  private void checkSuccess(Call call, JsonNode documented, int status, String type, String body) {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    documented
        .path("content")
        .forEachEntry((name, media) -> content.set(name.split(";", 2)[0].strip(), media));
    if (content.isEmpty()) {
      if (!body.isEmpty()) {
        complain(call, "%d has a body that is not documented: %s".formatted(status, body));
      }
    } else if (!content.has(type)) {
      complain(call, "%d has the undocumented type %s".formatted(status, type));
    } else if (type.equals("application/json")) {
      List<String> mistakes = document.mistakes(content.path(type).path("schema"), body);
      if (!mistakes.isEmpty()) {
        complain(call, "%d does not match its schema: %s %s".formatted(status, mistakes, body));
      }
    }
  }

  private void complain(Call call, String sentence) {
    int most = 700;
    int characteristic = 40;
    String kind =
        call.operation.name() + sentence.substring(0, Math.min(characteristic, sentence.length()));
    if (!kinds.add(kind)) {
      return;
    }
    String text = call + "\n  -> " + sentence;
    complaints.add(text.length() <= most ? text : text.substring(0, most) + "…");
  }
}
