package dev.taximeter.standalone.tokens;

import dev.taximeter.contract.json.Json;
import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.instance.DataDirectory;
import dev.taximeter.standalone.supervisor.Home;
import dev.taximeter.standalone.supervisor.LaunchException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code token create}: asks the running API for a token, with the administrator's of the file. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a token of the API and prints it, once: only a hash is kept.",
      "administrator may do all; billing reads all and writes prices, accounts and money; viewer"
          + " reads. With --account it sees one account only."
    })
final class CreateCommand implements Callable<Integer> {
  /** Longer than the API takes to have a change confirmed. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      required = true,
      description = "Its changes are recorded under it.")
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private String name;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      required = true,
      description = "administrator, billing or viewer.")
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private String role;

  @Option(
      names = "--account",
      paramLabel = "ID",
      description = "The one account that it sees, for a customer (default: all).")
  private @Nullable String account;

  @Option(
      names = "--expires",
      paramLabel = "INSTANT",
      description = "Worth nothing from then on, such as 2027-01-01T00:00:00Z (default: never).")
  private @Nullable String expires;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Data directory of the running system (default: .taximeter in the project).")
  private @Nullable Path dataDirectory;

  @Option(names = "--json", description = "Print the API's whole answer as one JSON object.")
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
    try {
      JsonNode made = system.get().api().post("/v1/tokens", body(), PATIENCE);
      PrintWriter out = spec.commandLine().getOut();
      out.println(json ? made.toString() : made.path("secret").asString());
      out.flush();
      errors.println(
          "taximeter: this is token %s; nobody can show it again"
              .formatted(made.path("id").asString()));
      return 0;
    } catch (IOException e) {
      errors.println("taximeter: the token was not made: " + RestClient.sentence(e));
      return 1;
    }
  }

  private byte[] body() {
    Map<String, String> body = new LinkedHashMap<>();
    body.put("name", name);
    body.put("role", role);
    if (account != null) {
      body.put("account", account);
    }
    if (expires != null) {
      body.put("expiresAt", expires);
    }
    return Json.MAPPER.writeValueAsString(body).getBytes(StandardCharsets.UTF_8);
  }
}
