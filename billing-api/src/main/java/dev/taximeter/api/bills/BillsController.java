package dev.taximeter.api.bills;

import dev.taximeter.api.accounts.AccountDirectory;
import dev.taximeter.api.bills.document.BillDocument;
import dev.taximeter.api.bills.document.BillDocuments;
import dev.taximeter.api.bills.document.BillFormat;
import dev.taximeter.api.bills.document.BillLanguage;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.YearMonth;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Bills. */
@RestController
@Tag(name = "Bills")
public final class BillsController {
  /** Months outside have no bounds that an instant could hold well. */
  private static final int FIRST_YEAR = 1970;

  private static final int LAST_YEAR = 9998;

  private final AccountDirectory directory;
  private final Freshness freshness;
  private final Clock clock;

  public BillsController(AccountDirectory directory, Freshness freshness, Clock clock) {
    this.directory = directory;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Operation(
      summary = "List bills",
      description = "Every month with usage, and the current one; newest first.")
  @GetMapping("/v1/accounts/{account}/bills")
  Bills.BillList list(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account) {
    return Bills.list(directory.state(account), clock.instant(), freshness);
  }

  @Operation(
      summary = "Read a bill",
      description =
          """
          The usage of a calendar month in the account's zone: a pure function of the account's \
          live state, so it agrees with the balance at the same sequence number to the last digit. \
          A month without usage has no lines. As JSON, as CSV (text that a spreadsheet would take \
          for a formula has an apostrophe in front), as a page to print, or as PDF: by an ending of \
          the month such as 2026-11.pdf, by format, or by Accept.""",
      responses =
          @ApiResponse(
              responseCode = "200",
              description = "The bill.",
              content = {
                @Content(
                    mediaType = MediaType.APPLICATION_JSON_VALUE,
                    schema = @Schema(implementation = Bills.Bill.class)),
                @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
                @Content(mediaType = MediaType.TEXT_HTML_VALUE, schema = @Schema(type = "string")),
                @Content(
                    mediaType = MediaType.APPLICATION_PDF_VALUE,
                    schema = @Schema(type = "string", format = "binary"))
              }))
  @GetMapping("/v1/accounts/{account}/bills/{month}")
  ResponseEntity<Object> get(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(
              description = "Calendar month, YYYY-MM, with .json, .csv, .html or .pdf or without.",
              example = "2026-11")
          @PathVariable("month")
          String month,
      @Parameter(
              description = "What to send; by Accept if absent.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"json", "csv", "html", "pdf"}))
          @RequestParam(name = "format", required = false)
          @Nullable String format,
      @Parameter(
              description =
                  "Language of the page and the PDF; by Accept-Language if absent, else English.",
              schema =
                  @Schema(
                      type = "string",
                      allowableValues = {"en", "zh-CN"}))
          @RequestParam(name = "lang", required = false)
          @Nullable String lang,
      @Parameter(hidden = true) @RequestHeader(name = HttpHeaders.ACCEPT, required = false)
          @Nullable String accept,
      @Parameter(hidden = true) @RequestHeader(name = HttpHeaders.ACCEPT_LANGUAGE, required = false)
          @Nullable String acceptLanguage,
      @Parameter(hidden = true) HttpServletResponse response) {
    BillFormat.Named named = BillFormat.Named.of(month);
    BillFormat chosen =
        BillFormat.choose(named.format(), Parameters.text(format), Parameters.text(accept));
    BillLanguage language = BillLanguage.choose(Parameters.text(lang), acceptLanguage);
    YearMonth period = Parameters.month("month", named.month());
    if (period.getYear() < FIRST_YEAR || period.getYear() > LAST_YEAR) {
      throw ProblemException.parameter(
          "month", "must lie between %d-01 and %d-12".formatted(FIRST_YEAR, LAST_YEAR));
    }
    Bills.Bill bill = Bills.of(directory.state(account), period, clock.instant(), freshness);
    if (chosen == BillFormat.HTML) {
      // Replaces the one for all answers; of two, browsers would apply both.
      response.setHeader("Content-Security-Policy", BillDocuments.policy(language));
    }
    return ResponseEntity.ok()
        .contentType(chosen.mediaType())
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_LANGUAGE)
        .headers(headers -> name(headers, chosen, bill))
        .body(body(chosen, language, bill));
  }

  private Object body(BillFormat format, BillLanguage language, Bills.Bill bill) {
    BillDocument document = DocumentOfBill.of(bill, directory.account(bill.account()));
    return switch (format) {
      case JSON -> bill;
      case CSV -> BillDocuments.csv(document);
      case HTML -> BillDocuments.html(document, language);
      case PDF -> BillDocuments.pdf(document, language);
    };
  }

  /** What is shown is shown, and has a good name when it is kept. */
  private static void name(HttpHeaders headers, BillFormat format, Bills.Bill bill) {
    if (format != BillFormat.JSON) {
      headers.setContentDisposition(
          (format == BillFormat.CSV ? ContentDisposition.attachment() : ContentDisposition.inline())
              .filename("bill-%s-%s.%s".formatted(bill.account(), bill.period(), format.code()))
              .build());
    }
  }
}
