package dev.taximeter.api.catalog;

import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Waiting;
import dev.taximeter.contract.catalog.Catalog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Entity tags of catalogue resources: the catalogue version that changed them last. Who names one
 * in {@code If-Match} writes only over what was read.
 */
public final class Revisions {
  private static final Pattern TAG = Pattern.compile("\"([0-9]{1,18})\"");

  private static final int LONGEST_REASON = 500;

  /** Resources that a refusal names. */
  private static final int MOST_NAMED = 10;

  /** How long this process waits to see a version that another has answered. */
  private static final Duration SEEING = Duration.ofSeconds(2);

  private Revisions() {}

  /** The tag as the header {@code ETag} has it. */
  public static String tag(CatalogSnapshot snapshot, String recordId) {
    return "\"" + snapshot.versionOf(recordId) + "\"";
  }

  /**
   * Reads {@code If-Match} and compares it.
   *
   * @param ifMatch null or {@code *} for any version
   * @throws ProblemException if it is no tag, or of another version
   */
  static void check(@Nullable String ifMatch, CatalogSnapshot snapshot, String recordId) {
    Long version = version(ifMatch);
    long found = snapshot.versionOf(recordId);
    if (version != null && version != found) {
      throw ProblemException.of(
          ProblemType.OUTDATED,
          "%s was changed meanwhile: its ETag is \"%d\", not \"%d\". Read it again."
              .formatted(recordId, found, version));
    }
  }

  /**
   * {@return whether {@code If-Match} names a version}
   *
   * @throws ProblemException if it is no tag
   */
  static boolean namesOne(@Nullable String ifMatch) {
    return version(ifMatch) != null;
  }

  /** {@return the version that a tag names; null for any} */
  private static @Nullable Long version(@Nullable String ifMatch) {
    if (ifMatch == null || ifMatch.strip().equals("*")) {
      return null;
    }
    Matcher tag = TAG.matcher(ifMatch.strip());
    if (!tag.matches()) {
      throw ProblemException.of(
          ProblemType.INVALID_REQUEST,
          "If-Match must be one ETag as it was answered, such as \"7\", or *.");
    }
    return Long.valueOf(tag.group(1));
  }

  /**
   * Waits until this process has seen the version of the whole catalogue that {@code If-Match}
   * names, which another process may have answered.
   *
   * @param ifMatch null or {@code *} for any version
   * @throws ProblemException if it is no tag, or there is no such version yet
   */
  static void await(@Nullable String ifMatch, CatalogView view) {
    Long version = version(ifMatch);
    if (version == null) {
      return;
    }
    Waiting.until(() -> view.snapshot().version() >= version, SEEING);
    long seen = view.snapshot().version();
    if (version > seen) {
      throw ProblemException.of(
          ProblemType.OUTDATED,
          "The catalogue is at version %d, not yet at %d; is the tag this installation's?"
              .formatted(seen, version));
    }
  }

  /**
   * Compares {@code If-Match} of a whole file, whose tag is the catalogue's version: of what the
   * file names, nothing may have been changed since.
   *
   * @param ifMatch null or {@code *} for any version
   * @param snapshot that the file was read against
   * @return the versions of all that the file names
   * @throws ProblemException if it is no tag, or something was changed since
   */
  static Map<String, Long> checkAll(
      @Nullable String ifMatch, CatalogSnapshot snapshot, Catalog named) {
    Map<String, Long> found = new TreeMap<>();
    ids(named).forEach(id -> found.put(id, snapshot.versionOf(id)));
    Long version = version(ifMatch);
    List<String> changed =
        found.entrySet().stream()
            .filter(resource -> version != null && resource.getValue() > version)
            .map(Map.Entry::getKey)
            .toList();
    if (!changed.isEmpty()) {
      throw ProblemException.of(
          ProblemType.OUTDATED,
          "%s changed since version %d: %s%s. Take these changes over into the file, and send it with If-Match \"%d\"."
              .formatted(
                  changed.size() == 1 ? "One resource was" : changed.size() + " resources were",
                  version,
                  changed.stream().limit(MOST_NAMED).collect(Collectors.joining(", ")),
                  changed.size() > MOST_NAMED ? ", …" : "",
                  snapshot.version()));
    }
    return found;
  }

  /** Record ids of all that a catalogue holds. */
  private static Stream<String> ids(Catalog catalog) {
    return Stream.of(
            catalog.accounts().stream().map(it -> "account/" + it.id()),
            catalog.keys().stream().map(it -> "key/" + it.fingerprint()),
            catalog.priceBooks().stream().map(it -> "priceBook/" + it.id()),
            catalog.plans().stream().map(it -> "plan/" + it.id()),
            catalog.quotas().stream().map(it -> "quota/" + it.id()),
            catalog.credits().stream().map(it -> "credit/" + it.id()),
            catalog.teams().stream().map(it -> "team/" + it.id()))
        .flatMap(ids -> ids);
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
