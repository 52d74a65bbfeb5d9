package dev.taximeter.api.sources;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogWriter;
import dev.taximeter.api.signin.Caller;
import dev.taximeter.api.web.AsOfTime;
import dev.taximeter.api.web.Freshness;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.Parameters;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Refuses;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.Order;
import dev.taximeter.contract.event.SourceState;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Where lines come from, and what of it is missing. */
@RestController
@Tag(name = "Sources")
public final class SourcesController {

  private final SourceStates states;
  private final CatalogWriter writer;
  private final Freshness freshness;
  private final Clock clock;

  public SourcesController(
      SourceStates states, CatalogWriter writer, Freshness freshness, Clock clock) {
    this.states = states;
    this.writer = writer;
    this.freshness = freshness;
    this.clock = clock;
  }

  @Schema(name = "Source", description = "A file whose lines are metered.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SourceView(
      @Schema(description = "Machine that holds the file.", example = "gateway-1") String host,
      @Schema(example = "/var/log/gateway/access.log") String path,
      @Schema(
              description =
                  "shipper: Taximeter's own shipper or a backfill; foreign: another shipper.",
              example = "shipper")
          String kind,
      @Schema(
              description =
                  "live, silent (nothing has been heard of it for more than a minute), finished (a"
                      + " backfill that has ended and is metered, or a file that is gone with its"
                      + " writer) or retired. Other shippers send"
                      + " no heartbeats and are never silent.",
              example = "live")
          String state,
      @Schema(example = "2026-11-01T00:00:00Z") Instant firstSeen,
      @Schema(
              description = "When it was last heard of: lines, ranges or heartbeats.",
              example = "2026-11-24T09:29:58Z")
          Instant lastSeen,
      @Schema(
              description = "When its last line arrived; absent if there was none.",
              example = "2026-11-24T09:29:55Z")
          @Nullable Instant lastLine,
      @Schema(description = "Lines shipped, copies included.", example = "120345") long lines,
      @Schema(description = "Bytes shipped, copies included.", example = "144414000") long bytes,
      @Schema(
              description =
                  "Every request that completed before, and was logged here, has been metered, but"
                      + " for the gaps. Absent without heartbeats.",
              example = "2026-11-24T09:29:57Z")
          @Nullable Instant completeThrough,
      @Schema(description = "Missing byte ranges.", example = "0") long openGaps,
      @Schema(description = "How often bytes came that had come before.", example = "0")
          long overlaps,
      @Schema(description = "How many of them.", example = "0") long reshippedBytes,
      @Schema(
              description =
                  "Whether missing ranges can be told; false if a shipper gives no offsets, or"
                      + " offsets that are not those of lines.",
              example = "true")
          boolean coverageKnown,
      @Schema(
              description =
                  "By how many seconds the gateway's clock is ahead, as lines say that were refused"
                      + " within the last hour because they claim to have been completed more than"
                      + " 10 minutes after they arrived (absurd-future). Absent if none were.",
              example = "900")
          @Nullable Long clockAheadSeconds) {
    static SourceView of(SourceState state) {
      return new SourceView(
          state.source().host(),
          state.source().path(),
          state.kind().code(),
          state.status().code(),
          state.firstSeen(),
          state.lastSeen(),
          state.lastLine(),
          state.lines(),
          state.bytes(),
          state.watermark(),
          state.gapCount(),
          state.overlaps(),
          state.reshippedBytes(),
          state.coverageKnown(),
          state.clockAheadSeconds());
    }
  }

  @Schema(description = "One page of sources, by host and path.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SourcePage(
      List<SourceView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next,
      AsOfTime asOf) {}

  @Schema(name = "SourceGap", description = "A byte range of a file that is missing.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record GapView(
      @Schema(description = "Machine that holds the file.", example = "gateway-1") String host,
      @Schema(example = "/var/log/gateway/access.log") String path,
      @Schema(
              description =
                  "Identity of the file: 8 hex digits of machine and inode, 16 of its first line;"
                      + " unknown if it is not known, unknown-N for the Nth file of a shipper that"
                      + " names none.",
              example = "3f2a9c01-5d41402abc4b2a76")
          String file,
      @Schema(description = "First missing byte.", example = "1048576") long from,
      @Schema(description = "First byte after; absent if it is not known.", example = "2097152")
          @Nullable Long to,
      @Schema(description = "Whether the file may have held more after to.", example = "false")
          boolean openEnded,
      @Schema(description = "When it was found.", example = "2026-11-24T09:12:00Z") Instant since,
      @Schema(example = "the file was gone before its end was read") String reason) {
    static GapView of(SourceState state, SourceState.Gap gap) {
      return new GapView(
          state.source().host(),
          state.source().path(),
          gap.file(),
          gap.from(),
          gap.to(),
          gap.openEnded(),
          gap.since(),
          gap.reason());
    }
  }

  @Schema(description = "One page of gaps: by source, the oldest first.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record GapPage(
      List<GapView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next,
      @Schema(
              description = "Gaps that are counted and not named: a source names its 100 oldest.",
              example = "0")
          long unnamed,
      AsOfTime asOf) {}

  @Schema(description = "Which source will send no more.")
  record Retirement(
      @Schema(description = "As GET /v1/sources has it.", example = "gateway-1")
          @Nullable String host,
      @Schema(example = "/var/log/gateway/access.log") @Nullable String path,
      @Schema(description = "Why; kept with the command.", example = "machine replaced")
          @Nullable String reason) {}

  @Operation(
      summary = "List sources",
      description =
          "Every file whose lines were metered, 10,000 at most: beyond that, those heard of longest"
              + " ago give way.")
  @GetMapping("/v1/sources")
  SourcePage list(@Parameter(hidden = true) @Listing.By("host and path") Listing listing) {
    Page<SourceState> page =
        Page.of(states.all().values().stream(), SourceState::recordKey, listing);
    return new SourcePage(page.shown(SourceView::of), page.next(), asOf());
  }

  @Operation(
      summary = "List gaps",
      description =
          """
          Byte ranges that are missing, of sources that are not retired. Ship the file again with \
          backfill, under whatever name it has by now: what arrives closes the gap, and lines that \
          had arrived before are duplicates.""")
  @GetMapping("/v1/sources/gaps")
  GapPage gaps(@Parameter(hidden = true) @Listing.By("source and age") Listing listing) {
    List<SourceState> live =
        states.all().values().stream()
            .filter(state -> state.status() != SourceState.Status.RETIRED)
            .toList();
    Page<PlacedGap> page =
        Page.of(live.stream().flatMap(SourcesController::gaps), PlacedGap::place, listing);
    return new GapPage(
        page.shown(placed -> GapView.of(placed.state(), placed.gap())),
        page.next(),
        live.stream().mapToLong(SourceState::moreGaps).sum(),
        asOf());
  }

  private record PlacedGap(SourceState state, SourceState.Gap gap, String place) {}

  private static Stream<PlacedGap> gaps(SourceState state) {
    return state.gaps().stream().map(gap -> new PlacedGap(state, gap, place(state, gap)));
  }

  /** Ordered as text; does not move when other gaps are closed. */
  private static String place(SourceState state, SourceState.Gap gap) {
    return "%s\t%015d\t%s\t%019d"
        .formatted(state.recordKey(), gap.since().toEpochMilli(), gap.file(), gap.from());
  }

  @Operation(
      summary = "Retire a source",
      description =
          """
          Completeness does not wait any longer for a source that will send no more, and its gaps \
          do not count. A retired source that sends again is live again; one whose shipper only waits \
          for a file that is not there stays retired. Repeating it changes nothing.""")
  @Refuses(ProblemType.NOT_FOUND)
  @PostMapping("/v1/sources/retire")
  SourceView retire(
      @RequestBody Retirement body,
      @Parameter(hidden = true) @RequestAttribute("dev.taximeter.api.signin.Caller")
          Caller caller) {
    String key = required("host", body.host()) + '\t' + required("path", body.path());
    SourceState before = states.all().get(key);
    if (before == null) {
      throw ProblemException.of(
          ProblemType.NOT_FOUND,
          "There is no source %s on %s; GET /v1/sources lists all."
              .formatted(body.path(), body.host()));
    }
    String reason = Parameters.note("reason", body.reason());
    LineSource source = before.source();
    writer.write(
        Catalog.EMPTY,
        List.of(new Order.RetireSource(source)),
        caller.name(),
        reason,
        result -> isRetired(key));
    return SourceView.of(states.all().getOrDefault(key, before));
  }

  private boolean isRetired(String key) {
    SourceState state = states.all().get(key);
    return state == null || state.status() == SourceState.Status.RETIRED;
  }

  private static String required(String field, @Nullable String value) {
    if (value == null || value.isEmpty()) {
      throw ProblemException.field(field, "must be given, as GET /v1/sources has it");
    }
    return value;
  }

  private AsOfTime asOf() {
    return freshness.at(clock.instant());
  }
}
