package dev.taximeter.api.catalog;

import dev.taximeter.api.catalog.BookViews.BookPage;
import dev.taximeter.api.catalog.BookViews.BookView;
import dev.taximeter.api.catalog.BookViews.SummaryView;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Paging;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.api.web.Tagged;
import dev.taximeter.contract.catalog.PriceBook;
import dev.taximeter.contract.security.RootSecret;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Price books, which accounts pay by, and cost books, which say what a provider charges. */
@RestController
@Tag(name = "Catalogue")
public final class BooksController {
  private static final String WRITING =
      "In the format of the catalogue file. What is read can be changed and sent back. The answer"
          + " comes once metering works by it; the same again changes nothing. Prices that apply"
          + " already are not changed for usage that is rated; POST …/re-rating does that.";

  private final CatalogView catalog;
  private final CatalogWriter writer;
  private final IdempotencyKeys keys;
  private final FileEntries entries;

  public BooksController(
      CatalogView catalog, CatalogWriter writer, IdempotencyKeys keys, RootSecret rootSecret) {
    this.catalog = catalog;
    this.writer = writer;
    this.keys = keys;
    this.entries = new FileEntries(catalog, rootSecret);
  }

  @Operation(summary = "List price books")
  @GetMapping("/v1/price-books")
  BookPage priceBooks(
      @Parameter(description = "Only books in this currency.", example = "USD")
          @RequestParam(name = "currency", required = false)
          @Nullable String currency,
      @Parameter(
              description = "By id, ascending or descending; asc if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"asc", "desc"}))
          @RequestParam(name = "order", required = false)
          @Nullable String order,
      @Parameter(description = "Page size, 1 to 1,000; 100 if absent.", example = "100")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit,
      @Parameter(description = "The previous page's next.")
          @RequestParam(name = "cursor", required = false)
          @Nullable String cursor) {
    return page(false, currency, order, limit, cursor);
  }

  @Operation(summary = "List cost books")
  @GetMapping("/v1/cost-books")
  BookPage costBooks(
      @Parameter(description = "Only books in this currency.", example = "USD")
          @RequestParam(name = "currency", required = false)
          @Nullable String currency,
      @Parameter(
              description = "By id, ascending or descending; asc if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"asc", "desc"}))
          @RequestParam(name = "order", required = false)
          @Nullable String order,
      @Parameter(description = "Page size, 1 to 1,000; 100 if absent.", example = "100")
          @RequestParam(name = "limit", required = false)
          @Nullable String limit,
      @Parameter(description = "The previous page's next.")
          @RequestParam(name = "cursor", required = false)
          @Nullable String cursor) {
    return page(true, currency, order, limit, cursor);
  }

  private BookPage page(
      boolean cost,
      @Nullable String currency,
      @Nullable String order,
      @Nullable String limit,
      @Nullable String cursor) {
    CatalogSnapshot snapshot = catalog.snapshot();
    Page<PriceBook> page =
        Page.of(
            snapshot.catalog().priceBooks().stream()
                .filter(book -> book.isCost() == cost)
                .filter(book -> currency == null || book.currency().equals(currency)),
            PriceBook::id,
            Paging.descending(order),
            Paging.size(limit),
            cursor);
    return new BookPage(
        page.shown(book -> SummaryView.of(book, snapshot.versionOf("priceBook/" + book.id()))),
        page.next());
  }

  @Operation(summary = "Read a price book")
  @Tagged
  @GetMapping("/v1/price-books/{book}")
  ResponseEntity<BookView> priceBook(
      @Parameter(description = "Id of the book.", example = "list") @PathVariable("book")
          String id) {
    return answer(id, false, true);
  }

  @Operation(summary = "Read a cost book")
  @Tagged
  @GetMapping("/v1/cost-books/{book}")
  ResponseEntity<BookView> costBook(
      @Parameter(description = "Id of the book.", example = "provider") @PathVariable("book")
          String id) {
    return answer(id, true, true);
  }

  private ResponseEntity<BookView> answer(String id, boolean cost, boolean existed) {
    CatalogSnapshot snapshot = catalog.snapshot();
    PriceBook book = snapshot.priceBook(id);
    if (book == null || book.isCost() != cost) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          cost
              ? "There is no such cost book; GET /v1/cost-books lists all."
              : "There is no such price book; GET /v1/price-books lists all.");
    }
    String record = "priceBook/" + id;
    return ResponseEntity.status(existed ? 200 : 201)
        .eTag(Revisions.tag(snapshot, record))
        .body(BookView.of(book, snapshot.versionOf(record)));
  }

  @Operation(
      summary = "Create or replace a price book",
      description = WRITING,
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = "application/json",
                      schema = @Schema(implementation = BookView.class))))
  @ApiResponse(responseCode = "201", description = "Made.", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "200",
      description = "Replaced, or the same.",
      useReturnTypeSchema = true)
  @Tagged
  @Refuses({ProblemType.CONFLICT, ProblemType.INVALID_CATALOG})
  @PutMapping(path = "/v1/price-books/{book}", consumes = "application/json")
  ResponseEntity<BookView> putPriceBook(
      @Parameter(description = "Id of the book.", example = "list") @PathVariable("book") String id,
      @RequestBody byte[] body,
      @Parameter(description = "Why; kept in the book's history.")
          @RequestParam(name = "reason", defaultValue = "")
          String reason,
      @Parameter(description = "The ETag that was read; any version without it.")
          @RequestHeader(name = "If-Match", required = false)
          @Nullable String ifMatch,
      @Parameter(description = "Not needed: the same again is harmless.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    return keys.ifGiven(
        "price-books/" + id, key, body, () -> put(id, false, body, reason, ifMatch, caller));
  }

  @Operation(
      summary = "Create or replace a cost book",
      description = WRITING,
      requestBody =
          @io.swagger.v3.oas.annotations.parameters.RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = "application/json",
                      schema = @Schema(implementation = BookView.class))))
  @ApiResponse(responseCode = "201", description = "Made.", useReturnTypeSchema = true)
  @ApiResponse(
      responseCode = "200",
      description = "Replaced, or the same.",
      useReturnTypeSchema = true)
  @Tagged
  @Refuses({ProblemType.CONFLICT, ProblemType.INVALID_CATALOG})
  @PutMapping(path = "/v1/cost-books/{book}", consumes = "application/json")
  ResponseEntity<BookView> putCostBook(
      @Parameter(description = "Id of the book.", example = "provider") @PathVariable("book")
          String id,
      @RequestBody byte[] body,
      @Parameter(description = "Why; kept in the book's history.")
          @RequestParam(name = "reason", defaultValue = "")
          String reason,
      @Parameter(description = "The ETag that was read; any version without it.")
          @RequestHeader(name = "If-Match", required = false)
          @Nullable String ifMatch,
      @Parameter(description = "Not needed: the same again is harmless.")
          @RequestHeader(name = "Idempotency-Key", required = false)
          @Nullable String key,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    return keys.ifGiven(
        "cost-books/" + id, key, body, () -> put(id, true, body, reason, ifMatch, caller));
  }

  private ResponseEntity<BookView> put(
      String id,
      boolean cost,
      byte[] body,
      String reason,
      @Nullable String ifMatch,
      Caller caller) {
    CatalogSnapshot before = catalog.snapshot();
    PriceBook existing = before.priceBook(id);
    if (existing != null && existing.isCost() != cost) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          "%s is a %s; choose another id.".formatted(id, cost ? "price book" : "cost book"));
    }
    writer.write(
        entries.read(cost ? "costBooks" : "priceBooks", id, body),
        caller.name(),
        Revisions.reason(reason),
        Revisions.expected(ifMatch, before, "priceBook/" + id));
    return answer(id, cost, existing != null);
  }
}
