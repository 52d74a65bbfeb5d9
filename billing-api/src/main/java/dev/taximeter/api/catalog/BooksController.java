package dev.taximeter.api.catalog;

import dev.taximeter.api.catalog.BookViews.BookPage;
import dev.taximeter.api.catalog.BookViews.BookView;
import dev.taximeter.api.catalog.BookViews.SummaryView;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
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
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
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
  private final Resources resources;
  private final FileEntries entries;

  public BooksController(CatalogView catalog, Resources resources, RootSecret rootSecret) {
    this.catalog = catalog;
    this.resources = resources;
    this.entries = new FileEntries(rootSecret);
  }

  /** What a book is for. */
  private enum Kind {
    PRICE("price book", "price-books", "priceBooks"),
    COST("cost book", "cost-books", "costBooks");

    private final String name;
    private final String path;
    private final String list;

    Kind(String name, String path, String list) {
      this.name = name;
      this.path = path;
      this.list = list;
    }

    boolean is(@Nullable PriceBook book) {
      return book != null && book.isCost() == (this == COST);
    }
  }

  @Operation(summary = "List price books")
  @GetMapping("/v1/price-books")
  BookPage priceBooks(
      @Parameter(description = "Only books in this currency.", example = "USD")
          @RequestParam(name = "currency", required = false)
          @Nullable String currency,
      @Parameter(hidden = true) @Listing.By("id") Listing listing) {
    return page(Kind.PRICE, currency, listing);
  }

  @Operation(summary = "List cost books")
  @GetMapping("/v1/cost-books")
  BookPage costBooks(
      @Parameter(description = "Only books in this currency.", example = "USD")
          @RequestParam(name = "currency", required = false)
          @Nullable String currency,
      @Parameter(hidden = true) @Listing.By("id") Listing listing) {
    return page(Kind.COST, currency, listing);
  }

  private BookPage page(Kind kind, @Nullable String currency, Listing listing) {
    CatalogSnapshot snapshot = catalog.snapshot();
    Page<PriceBook> page =
        Page.of(
            snapshot.catalog().priceBooks().stream()
                .filter(kind::is)
                .filter(book -> currency == null || book.currency().equals(currency)),
            PriceBook::id,
            listing);
    return new BookPage(
        page.shown(book -> SummaryView.of(book, snapshot.versionOf(record(book.id())))),
        page.next());
  }

  private static String record(String id) {
    return "priceBook/" + id;
  }

  @Operation(summary = "Read a price book")
  @Tagged
  @GetMapping("/v1/price-books/{book}")
  ResponseEntity<BookView> priceBook(
      @Parameter(description = "Id of the book.", example = "list") @PathVariable("book")
          String id) {
    return read(Kind.PRICE, id);
  }

  @Operation(summary = "Read a cost book")
  @Tagged
  @GetMapping("/v1/cost-books/{book}")
  ResponseEntity<BookView> costBook(
      @Parameter(description = "Id of the book.", example = "provider") @PathVariable("book")
          String id) {
    return read(Kind.COST, id);
  }

  private ResponseEntity<BookView> read(Kind kind, String id) {
    return answer(kind, id, HttpStatus.OK);
  }

  private ResponseEntity<BookView> answer(Kind kind, String id, HttpStatus status) {
    return resources.answer(
        status,
        record(id),
        snapshot -> {
          PriceBook book = snapshot.priceBook(id);
          if (book == null || !kind.is(book)) {
            throw ProblemException.of(
                ProblemType.NOT_FOUND,
                "There is no such %s; GET /v1/%s lists all.".formatted(kind.name, kind.path));
          }
          return BookView.of(book, snapshot.versionOf(record(id)));
        });
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
      @Parameter(hidden = true) Change change) {
    return put(Kind.PRICE, id, body, change);
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
      @Parameter(hidden = true) Change change) {
    return put(Kind.COST, id, body, change);
  }

  private ResponseEntity<BookView> put(Kind kind, String id, byte[] body, Change change) {
    return resources.change(
        kind.path + '/' + id,
        body,
        change,
        () -> {
          Resources.Written written =
              resources.write(
                  record(id),
                  change,
                  snapshot -> {
                    checkKind(kind, id, snapshot);
                    return entries.read(kind.list, id, body, snapshot);
                  });
          boolean existed = written.over().priceBook(id) != null;
          return answer(kind, id, existed ? HttpStatus.OK : HttpStatus.CREATED);
        });
  }

  private static void checkKind(Kind kind, String id, CatalogSnapshot snapshot) {
    PriceBook existing = snapshot.priceBook(id);
    if (existing != null && !kind.is(existing)) {
      throw ProblemException.of(
          ProblemType.CONFLICT,
          "%s is a %s; choose another id."
              .formatted(id, (kind == Kind.PRICE ? Kind.COST : Kind.PRICE).name));
    }
  }
}
