package dev.taximeter.standalone.prices;

import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code prices import}: the community's price file into a book, compared first. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Compares the community's price file (model_prices_and_context_window.json) with a book and"
          + " prints the difference; with --apply it takes the prices over.",
      "What cannot be represented is refused by entry and field, and its entry stays out."
    })
final class ImportCommand implements Callable<Integer> {
  /** Longer than the API takes to have a change confirmed. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The price file, JSON.")
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private Path file;

  @Option(names = "--book", paramLabel = "ID", required = true, description = "The book.")
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private String book;

  @Option(names = "--apply", description = "Do it; otherwise only the difference is printed.")
  private boolean apply;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "price, cost or common-cost: makes the book if there is none.")
  private @Nullable String kind;

  @Option(
      names = "--effective-from",
      paramLabel = "INSTANT",
      description = "First instant that the prices apply to (default: now).")
  private @Nullable String effectiveFrom;

  @Option(
      names = "--models",
      paramLabel = "GLOB,...",
      description = "Only these models, such as 'qwen*'.")
  private @Nullable String models;

  @Option(
      names = "--leave-out",
      paramLabel = "GLOB,...",
      description = "Price fields to pass over, such as '*_priority,*_batches'.")
  private @Nullable String leaveOut;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Data directory of the running system (default: .taximeter in the project).")
  private @Nullable Path dataDirectory;

  @Option(names = "--json", description = "Print the difference as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws LaunchException, InterruptedException {
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
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      errors.println("taximeter: there is no file " + file);
      return 1;
    } catch (IOException e) {
      errors.println("taximeter: cannot read %s: %s".formatted(file, e.getMessage()));
      return 1;
    }
    try {
      JsonNode difference = system.get().api().post(path(), content, PATIENCE);
      PrintWriter out = spec.commandLine().getOut();
      out.println(json ? difference.toString() : ImportText.of(difference));
      out.flush();
      return 0;
    } catch (IOException e) {
      errors.println("taximeter: the prices were not imported: " + e.getMessage());
      return 1;
    }
  }

  private String path() {
    StringBuilder path = new StringBuilder("/v1/price-books/").append(encoded(book));
    path.append("/imports?apply=").append(apply);
    add(path, "kind", kind);
    add(path, "effectiveFrom", effectiveFrom);
    add(path, "models", models);
    add(path, "leaveOut", leaveOut);
    return path.toString();
  }

  private static void add(StringBuilder path, String name, @Nullable String value) {
    if (value != null) {
      path.append('&').append(name).append('=').append(encoded(value));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
