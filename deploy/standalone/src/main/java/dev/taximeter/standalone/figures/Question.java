package dev.taximeter.standalone.figures;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What all commands that ask the running system have: where it is, and how to print. */
final class Question {
  /** Where the width of a terminal is not known. */
  private static final int USUAL_WIDTH = 120;

  /** Wide enough for everything: what is read by programs is not cut. */
  private static final int NO_WIDTH = 10_000;

  private static final DateTimeFormatter MINUTES =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Data directory of the running system (default: .taximeter in the project).")
  private @Nullable Path dataDirectory;

  @Option(names = "--json", description = "Print the API's answer as JSON.")
  private boolean json;

  /** Asks the API. */
  interface Asking {
    JsonNode ask(RestClient api) throws IOException, InterruptedException;
  }

  /** Shows an answer. */
  interface Showing {
    String show(JsonNode answer, int width);
  }

  /**
   * Asks and prints.
   *
   * @return exit status
   */
  int run(Asking asking, Showing showing) throws LaunchException, InterruptedException {
    PrintWriter errors = spec.commandLine().getErr();
    Path root = dataDirectory == null ? Home.ofProgram().defaultDataDirectory() : dataDirectory;
    DataDirectory data = new DataDirectory(root);
    Optional<RunningSystem> system = RunningSystem.find(data);
    if (system.isEmpty()) {
      errors.println(
          "taximeter: nothing runs on %s; start it with ./taximeter up --data-dir %s"
              .formatted(data.root(), data.root()));
      return 1;
    }
    try {
      JsonNode answer = asking.ask(system.get().api());
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? answer.toString() + System.lineSeparator() : showing.show(answer, width()));
      out.flush();
      return 0;
    } catch (IOException e) {
      errors.println("taximeter: " + RestClient.sentence(e));
      return 1;
    }
  }

  private static int width() {
    if (System.console() == null) {
      return NO_WIDTH;
    }
    String columns = System.getenv("COLUMNS");
    try {
      return columns == null ? USUAL_WIDTH : Integer.parseInt(columns.strip());
    } catch (NumberFormatException e) {
      return USUAL_WIDTH;
    }
  }

  /** All pages of a list, as one answer. */
  static JsonNode all(RestClient api, String path) throws IOException, InterruptedException {
    JsonNode first = api.get(path);
    ArrayNode items = Json.MAPPER.createArrayNode();
    first.path("items").forEach(items::add);
    JsonNode page = first;
    while (page.has("next")) {
      String cursor = page.path("next").asString();
      page = api.get(path + (path.contains("?") ? "&" : "?") + "cursor=" + encoded(cursor));
      page.path("items").forEach(items::add);
    }
    ObjectNode whole = ((ObjectNode) first).deepCopy();
    whole.remove("next");
    whole.set("items", items);
    return whole;
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * @param value null if it is not given
   */
  static void add(StringBuilder path, String name, @Nullable String value) {
    if (value != null) {
      path.append(path.indexOf("?") < 0 ? '?' : '&')
          .append(name)
          .append('=')
          .append(encoded(value));
    }
  }

  static String minute(String instant, ZoneId zone) {
    return instant.isEmpty() ? "" : MINUTES.format(Instant.parse(instant).atZone(zone));
  }

  static String text(JsonNode node, String field) {
    return node.path(field).asString("");
  }

  /** A whole number with its thousands apart. */
  static String count(JsonNode node, String field) {
    return String.format(Locale.ROOT, "%,d", node.path(field).asLong());
  }
}
