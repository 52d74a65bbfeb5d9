package dev.taximeter.api.catalog;

import dev.taximeter.api.web.Problem;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.Tagged;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.file.CatalogFile;
import dev.taximeter.contract.catalog.file.CatalogFileException;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.security.Fingerprinter;
import dev.taximeter.contract.security.RootSecret;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** The catalogue as one file. */
@RestController
@Tag(name = "Catalogue")
public final class CatalogController {
  private static final String FILE_NAME = "catalog.yaml";

  private static final String EXAMPLE =
      """
      accounts:
        - id: acme
          name: Acme GmbH
          currency: USD
          timezone: Europe/Berlin
          plan: pay-as-you-go
          keys:
            - { name: acme-prod, secret: sk-example }
      priceBooks:
        - id: list
          currency: USD
          prices:
            - model: "*"
              effectiveFrom: 2026-01-01T00:00:00Z
              perMillion: { input: "0.40", output: "1.20" }
      plans:
        - { id: pay-as-you-go, priceBook: list }
      """;

  private final CatalogView view;
  private final Resources resources;
  private final RootSecret rootSecret;

  public CatalogController(CatalogView view, Resources resources, RootSecret rootSecret) {
    this.view = view;
    this.resources = resources;
    this.rootSecret = rootSecret;
  }

  /** What a file changed. */
  @Schema(description = "The catalogue after the file was taken over.")
  record Loaded(
      @Schema(description = "The catalogue's version.", example = "3") long catalogVersion,
      @Schema(description = "What changed; empty if the file brought nothing new.")
          List<String> changed,
      @Schema(
              description =
                  "Of these, what was there before and was written over; GET /v1/catalog/history has"
                      + " what it was.")
          List<String> replaced) {}

  @Schema(name = "CatalogVersion", description = "How far the catalogue is.")
  record Version(
      @Schema(description = "Rises with every change, as its ETag does.", example = "3")
          long catalogVersion) {}

  @Operation(
      summary = "Read the catalogue's version",
      description =
          "Its ETag is for If-Match of PUT /v1/catalog. What is in the catalogue has addresses of"
              + " its own.")
  @Tagged
  @GetMapping("/v1/catalog")
  ResponseEntity<Version> version() {
    long version = view.snapshot().version();
    return ResponseEntity.ok().eTag(tag(version)).body(new Version(version));
  }

  private static String tag(long version) {
    return "\"" + version + "\"";
  }

  @Operation(
      summary = "Load a catalogue file",
      description =
          """
          Creates or replaces what the file names; what it does not name stays as it is. Loading the \
          same file again changes nothing. The answer comes once metering works by the change: the \
          next log line is attributed and priced by it. Other terms of a plan (price book, perRequest, \
          discount or markup, cost book) hold for what completes from now on, or from the plan's \
          effectiveFrom on; what completed before keeps its price, however late it arrives. An \
          effectiveFrom in the past is refused if an account has had the plan since then: correct the \
          price book and re-rate, or post an adjustment. Secrets are turned into fingerprints at once \
          and never stored. With If-Match, the catalogue's version that the file was made from, it \
          is refused (412) if somebody has changed since what it names; without, it writes over \
          that, and the answer says what it replaced.""",
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = "application/yaml",
                      schema = @Schema(type = "string"),
                      examples = @ExampleObject(EXAMPLE))))
  @Tagged
  @Refuses(ProblemType.INVALID_CATALOG)
  @PutMapping(
      path = "/v1/catalog",
      consumes = {"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"})
  ResponseEntity<Loaded> put(@RequestBody byte[] yaml, @Parameter(hidden = true) Change change) {
    return resources.change("catalog", yaml, change, () -> load(yaml, change));
  }

  private ResponseEntity<Loaded> load(byte[] yaml, Change change) {
    Revisions.await(change.ifMatch(), view);
    Resources.Written written =
        resources.write(
            change,
            snapshot -> {
              // What the file leaves out is taken from the very versions that the writer expects.
              Catalog file = read(yaml, snapshot);
              return new Resources.Draft(
                  file, Revisions.checkAll(change.ifMatch(), snapshot, file));
            });
    CommandResult result = written.result();
    List<String> replaced =
        result.changed().stream().filter(id -> written.over().versionOf(id) > 0).toList();
    return ResponseEntity.ok()
        .eTag(tag(result.catalogVersion()))
        .body(new Loaded(result.catalogVersion(), result.changed(), replaced));
  }

  private Catalog read(byte[] yaml, CatalogSnapshot existing) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(yaml))
              .toString();
      return CatalogFile.read(text, FILE_NAME, new Fingerprinter(rootSecret), existing.catalog());
    } catch (CharacterCodingException e) {
      throw ProblemException.of(ProblemType.INVALID_CATALOG, "The file is not UTF-8.");
    } catch (CatalogFileException e) {
      List<Problem.Mistake> mistakes =
          e.problems().stream().map(sentence -> new Problem.Mistake("", sentence)).toList();
      throw ProblemException.of(
          ProblemType.INVALID_CATALOG, String.join("; ", e.problems()), mistakes);
    }
  }
}
