package dev.taximeter.api.audit;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the audit in the background has found. */
@RestController
@Tag(name = "Status")
public final class AuditController {
  private final AuditProgress progress;

  public AuditController(AuditProgress progress) {
    this.progress = progress;
  }

  @Schema(name = "AuditDifference", description = "Something that is not as the events say.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record DifferenceView(
      @Schema(description = "Name of the check that found it.", example = "balances") String check,
      @Schema(description = "Absent if it concerns no account in particular.", example = "acme")
          @Nullable String account,
      @Schema(description = "What is different.", example = "spent") String subject,
      @Schema(description = "What follows from the landed events.", example = "12.5")
          String expected,
      @Schema(description = "What was found instead.", example = "12.4") String actual) {
    static DifferenceView of(Difference difference) {
      return new DifferenceView(
          difference.check(),
          difference.account().isEmpty() ? null : difference.account(),
          difference.subject(),
          difference.expected(),
          difference.actual());
    }
  }

  @Schema(
      name = "Audit",
      description =
          "Usage and money computed once more from the landed events, by another path, again and"
              + " again.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record AuditView(
      @Schema(description = "Whether it runs; TAXIMETER_AUDIT_PERCENT=0 switches it off.")
          boolean on,
      @Schema(description = "When the round under way began; absent before the first.")
          @Nullable Instant roundStartedAt,
      @Schema(description = "When everything was last audited; absent before the first time.")
          @Nullable Instant roundCompletedAt,
      @Schema(description = "Accounts in the round under way.", example = "120") long accounts,
      @Schema(description = "Accounts of it that are done.", example = "17") long audited,
      @Schema(
              description =
                  "Differences that stand; 0, or something is wrong. Each was found twice, a while"
                      + " apart.",
              example = "0")
          long drift,
      @Schema(description = "At most 20 of each account.") List<DifferenceView> differences,
      @Schema(description = "Why something could not be read; absent if all could.")
          @Nullable String failure,
      @Schema(description = "What has to be looked at; absent if all is well.")
          @Nullable TroubleView trouble) {}

  @Schema(name = "AuditTrouble", description = "Something has to be looked at.")
  record TroubleView(
      @Schema(
              description =
                  "drift: something is not as the events say; stalled: nothing could be audited for"
                      + " an hour, so that nobody would know.",
              allowableValues = {"drift", "stalled"},
              example = "drift")
          String kind,
      @Schema(description = "When this process first saw it.") Instant since,
      @Schema(description = "What, where, and what to look at.") String sentence) {
    static @Nullable TroubleView of(@Nullable AuditTrouble trouble) {
      return trouble == null
          ? null
          : new TroubleView(trouble.kind().code(), trouble.since(), trouble.sentence());
    }
  }

  @Operation(
      summary = "Read what the audit finds",
      description =
          """
          The running system audits itself: every account in turn, then the conservation of lines. \
          Like ./taximeter audit, it recomputes usage, balances, windows, ledger and bills from the \
          landed events with queries that share nothing with metering, and names each difference. \
          The number of differences is also the metric taximeter_audit_drift.""")
  @GetMapping("/v1/audit")
  AuditView audit() {
    AuditProgress.State state = progress.state();
    return new AuditView(
        state.on(),
        state.roundStartedAt(),
        state.roundCompletedAt(),
        state.accounts(),
        state.audited(),
        state.drift(),
        state.differences().stream().map(DifferenceView::of).toList(),
        state.failure(),
        TroubleView.of(state.trouble()));
  }
}
