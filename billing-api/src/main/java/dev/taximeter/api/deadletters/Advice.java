package dev.taximeter.api.deadletters;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Reason;

/** What to do about a dead letter: a sentence for each reason, for those who must act. */
final class Advice {
  /** The line is the suspense desk's, and the desk has decided. */
  static final String DECIDED = "Nothing needs to be done: the suspense desk has decided.";

  private static final String FIRST_OF_FILE =
      "The line is the first of a file whose collector cuts long lines into pieces, and the file"
          + " before it was not there: it may be the end of a line, which its client could have"
          + " made to look whole.";

  private Advice() {}

  static String of(Reason reason, Fate fate) {
    if (fate == Fate.SUSPENSE && reason == Reason.INCOMPLETE_LINE) {
      return "The line was cut off before its payer. Decide on the suspense desk: write it off if"
          + " the whole line was shipped as well, else assign it: GET /v1/suspense.";
    }
    return switch (reason) {
      case UNCERTAIN_BEGINNING ->
          fate == Fate.SUSPENSE
              ? FIRST_OF_FILE + " Decide on the suspense desk: GET /v1/suspense."
              : FIRST_OF_FILE
                  + " It names no usage. If its source is configured with another prefix or"
                  + " template, correct that and replay; else nothing needs to be done.";
      case PAYER_UNCERTAIN ->
          "Decide on the suspense desk who pays: GET /v1/suspense. If its source had no template or"
              + " another one, correct that and replay.";
      case COUNTS_UNCERTAIN ->
          "Decide on the suspense desk, which holds the most that the line names: GET"
              + " /v1/suspense. Set accessLogEncoding to JSON, so that no client can forge counts.";
      case TOO_OLD ->
          "Decide on the suspense desk whether the line was billed before: GET /v1/suspense.";
      case BAD_FRAME ->
          "The shipper does not frame lines as host, path, offset and line; correct it and ship"
              + " the file again.";
      case FOREIGN_LINE ->
          "The line is not of the access log as configured for its source. If it is, add its"
              + " template and replay; if a collector's prefix stands before it, set the source's"
              + " format and ship the file again; if not, keep such lines out of the file.";
      case INCOMPLETE_LINE ->
          "The line was cut off or two lines were glued together. If its source is configured"
              + " with another prefix or template, correct that and replay; else ship the file"
              + " again.";
      case UNREADABLE_AI_LOG ->
          "The gateway's token counts cannot be read. Correct the template of the source and"
              + " replay.";
      case IMPOSSIBLE_COUNTS ->
          "The gateway's token counts cannot be true. Choose the dialect of the upstream and"
              + " replay, or correct the gateway's plugin.";
      case UNREADABLE_TIME ->
          "Start time or duration cannot be read. Correct the template of the source and replay.";
      case ABSURD_FUTURE ->
          "The gateway's clock was ahead of the shipper's by more than ten minutes. Correct it,"
              + " wait until the time has passed, and replay.";
      case LINE_TOO_LONG ->
          "Only a part of the line was kept: it was too long (keep prompts out of the log), or a"
              + " piece of it was lost (GET /v1/sources/gaps names where). Ship its file again if"
              + " that has all of it.";
      case INTERNAL_ERROR -> "A defect of Taximeter. Update it and replay.";
      case ANSWERED_BY_GATEWAY,
          FALLBACK_ATTEMPT,
          FAILED_REQUEST,
          NOT_AI,
          REJECTED_KEY,
          CLIENT_LEFT,
          SUCCESS_WITHOUT_USAGE,
          SEEN_BEFORE ->
          "Nothing needs to be done.";
    };
  }
}
