package dev.taximeter.api.catalog;

import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Entity tags of catalogue resources: the catalogue version that changed them last. Who names one
 * in {@code If-Match} writes only over what was read.
 */
public final class Revisions {
  private static final Pattern TAG = Pattern.compile("\"([0-9]{1,18})\"");

  private static final int LONGEST_REASON = 500;

  private Revisions() {}

  /** The tag as the header {@code ETag} has it. */
  public static String tag(CatalogSnapshot snapshot, String recordId) {
    return "\"" + snapshot.versionOf(recordId) + "\"";
  }

  /**
   * Reads {@code If-Match} and compares it.
   *
   * @param ifMatch null or {@code *} for any version
   * @return what the catalogue's writer is to expect; empty for any version
   * @throws ProblemException if it is no tag, or of another version
   */
  public static Map<String, Long> expected(
      @Nullable String ifMatch, CatalogSnapshot snapshot, String recordId) {
    if (ifMatch == null || ifMatch.strip().equals("*")) {
      return Map.of();
    }
    Matcher tag = TAG.matcher(ifMatch.strip());
    if (!tag.matches()) {
      throw ProblemException.of(
          ProblemType.INVALID_REQUEST,
          "If-Match must be one ETag as it was answered, such as \"7\", or *.");
    }
    long version = Long.parseLong(tag.group(1));
    long found = snapshot.versionOf(recordId);
    if (version != found) {
      throw ProblemException.of(
          ProblemType.OUTDATED,
          "%s was changed meanwhile: its ETag is \"%d\", not \"%d\". Read it again."
              .formatted(recordId, found, version));
    }
    return Map.of(recordId, version);
  }

  /**
   * Checks why something is changed.
   *
   * @throws ProblemException if it is too long
   */
  public static String reason(String reason) {
    if (reason.length() > LONGEST_REASON) {
      throw ProblemException.parameter(
          "reason", "may have at most %d characters".formatted(LONGEST_REASON));
    }
    return reason;
  }
}
