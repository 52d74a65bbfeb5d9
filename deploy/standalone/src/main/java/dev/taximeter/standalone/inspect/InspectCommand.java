package dev.taximeter.standalone.inspect;

import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.catalog.file.CatalogFile;
import dev.taximeter.contract.catalog.file.CatalogFileException;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.contract.yaml.YamlFile;
import dev.taximeter.parse.GatewayConfiguration;
import dev.taximeter.ship.UnreadableFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code taximeter inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Tells what log files are worth and what their configuration loses or risks.",
      "Shows lines by fate, tokens by model and key, cost, and the change that mends what is lost.",
      "Needs no services, sends nothing anywhere, and shows neither keys nor prompts.",
      "Exit code 0 if the files could be read, else 1."
    })
public final class InspectCommand implements Callable<Integer> {
  private static final int DEFAULT_TOP = 15;
  private static final int MOST_TOP = 1_000;
  private static final int MILLIS_PLACES = 3;

  private final Clock clock;
  private final Supplier<RootSecret> secrets;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before call().
  private CommandSpec spec;

  @Option(
      names = "--catalog",
      paramLabel = "FILE",
      description = "Price by the first price book of this catalogue, and know its keys.")
  private @Nullable Path catalogFile;

  @Option(
      names = "--price-book",
      paramLabel = "ID",
      description = "Price by this price book of the catalogue instead.")
  private @Nullable String priceBook;

  @Option(
      names = "--gateway",
      paramLabel = "FILE",
      description =
          "What the logs look like: templates, collectors, payers and dialects by source, as for"
              + " TAXIMETER_GATEWAY_CONFIG (default: plain lines of the gateway's own template).")
  private @Nullable Path gatewayFile;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Models and keys that get a row of their own, 1 to 1,000 (default: 15).")
  private int top = DEFAULT_TOP;

  @Option(names = "--json", description = "Print one JSON object instead of text.")
  private boolean json;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Plain, .gz or .zst; - for standard input.")
  private List<Path> files = List.of();

  public InspectCommand() {
    this(Clock.systemUTC(), Inspection::newSecret);
  }

  /**
   * @param secrets makes the secret of a run
   */
  InspectCommand(Clock clock, Supplier<RootSecret> secrets) {
    this.clock = clock;
    this.secrets = secrets;
  }

  /** What is wrong with what was asked for, in one sentence. */
  private static final class WrongRequestException extends Exception {
    private static final long serialVersionUID = 1;

    WrongRequestException(String message) {
      super(message);
    }
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (top < 1 || top > MOST_TOP) {
        throw new WrongRequestException("--top must be from 1 to %,d".formatted(MOST_TOP));
      }
      RootSecret secret = secrets.get();
      Catalog catalog = catalog(secret);
      Inspection inspection =
          new Inspection(
              gateway(),
              secret,
              catalog == null ? null : catalog.keys(),
              catalog == null ? null : prices(catalog),
              clock.instant());
      long begun = clock.millis();
      inspection.read(files, System.in);
      BigDecimal seconds = BigDecimal.valueOf(clock.millis() - begun, MILLIS_PLACES);
      InspectReport report = InspectReport.of(inspection, seconds, top);
      if (json) {
        out.println(report.toJson());
      } else {
        TextReport.write(report, inspection.isCatalogued(), out);
      }
      out.flush();
      return 0;
    } catch (UnreadableFileException | WrongRequestException e) {
      spec.commandLine().getErr().println("taximeter: " + e.getMessage());
      return 1;
    }
  }

  private GatewayConfiguration gateway() throws WrongRequestException {
    Path file = gatewayFile;
    try {
      return file == null ? GatewayConfiguration.defaults() : GatewayConfiguration.read(file);
    } catch (SettingsException e) {
      throw new WrongRequestException(String.valueOf(e.getMessage()));
    }
  }

  private @Nullable Catalog catalog(RootSecret secret) throws WrongRequestException {
    Path file = catalogFile;
    if (file == null) {
      if (priceBook != null) {
        throw new WrongRequestException(
            "--price-book needs --catalog FILE, which holds the prices");
      }
      return null;
    }
    try {
      if (Files.size(file) > YamlFile.MOST_BYTES) {
        throw new WrongRequestException(file + " is too large for a catalogue");
      }
      String yaml = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      return CatalogFile.read(yaml, file.toString(), new Fingerprinter(secret));
    } catch (IOException e) {
      throw new WrongRequestException("the catalogue " + file + " cannot be read; is it there?");
    } catch (CatalogFileException e) {
      throw new WrongRequestException(String.valueOf(e.getMessage()));
    }
  }

  private @Nullable ListPrices prices(Catalog catalog) throws WrongRequestException {
    String wanted = priceBook;
    if (wanted == null) {
      return catalog.priceBooks().isEmpty() ? null : new ListPrices(catalog.priceBooks().get(0));
    }
    for (PriceBook book : catalog.priceBooks()) {
      if (book.id().equals(wanted)) {
        return new ListPrices(book);
      }
    }
    throw new WrongRequestException(
        "the catalogue has no price book %s; it has %s"
            .formatted(
                wanted,
                catalog.priceBooks().stream()
                    .map(PriceBook::id)
                    .collect(Collectors.joining(", "))));
  }
}
