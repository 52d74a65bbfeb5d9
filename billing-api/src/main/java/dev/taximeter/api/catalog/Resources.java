package dev.taximeter.api.catalog;

import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.event.CommandResult;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;

/**
 * Shows and writes single resources of the catalogue: each answer has the tag of what it shows, and
 * each change is written over what was read, if it says what that was, and by the rules of
 * idempotency keys.
 */
public final class Resources {
  /** Others are faster that often only if something is changed all the time. */
  private static final int MOST_ATTEMPTS = 5;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final CatalogView catalog;
  private final CatalogWriter writer;
  private final IdempotencyKeys keys;

  public Resources(CatalogView catalog, CatalogWriter writer, IdempotencyKeys keys) {
    this.catalog = catalog;
    this.writer = writer;
    this.keys = keys;
  }

  /**
   * Answers with a resource and its tag, of the same moment.
   *
   * @param recordId such as {@code plan/standard}
   * @param view shows it
   */
  public <V> ResponseEntity<V> answer(
      HttpStatusCode status, String recordId, Function<CatalogSnapshot, V> view) {
    CatalogSnapshot snapshot = catalog.snapshot();
    return ResponseEntity.status(status)
        .eTag(Revisions.tag(snapshot, recordId))
        .body(view.apply(snapshot));
  }

  /** The same, of a resource that was there before. */
  public <V> ResponseEntity<V> answer(String recordId, Function<CatalogSnapshot, V> view) {
    return answer(HttpStatus.OK, recordId, view);
  }

  /**
   * Works on a change, once at a time if it has an idempotency key.
   *
   * @param address what the key is unique for
   * @param body what the key stands for: bytes as they came, or a record
   */
  public <T> T change(String address, Object body, Change change, Supplier<T> work) {
    String key = change.idempotencyKey();
    return body instanceof byte[] content
        ? keys.ifGiven(address, key, content, work)
        : keys.ifGiven(address, key, body, work);
  }

  /**
   * What is to be written.
   *
   * @param over catalogue versions of the resources that it was made of, by record id; 0 for one
   *     that must not be there
   */
  public record Draft(Catalog upsert, Map<String, Long> over) {}

  /**
   * What was written.
   *
   * @param over the catalogue that it was made of
   */
  public record Written(CatalogSnapshot over, CommandResult result) {}

  /**
   * Writes a resource that is made of the catalogue as it is, and returns when it is in force
   * everywhere. What somebody else changes meanwhile is not overwritten.
   *
   * @param recordId of the resource
   * @param made what is written, made of the resource as this snapshot has it
   * @throws ProblemException if {@code If-Match} names another version, or the writer refuses
   */
  public Written write(String recordId, Change change, Function<CatalogSnapshot, Catalog> made) {
    return write(
        change,
        snapshot -> {
          Revisions.check(change.ifMatch(), snapshot, recordId);
          return new Draft(made.apply(snapshot), Map.of(recordId, snapshot.versionOf(recordId)));
        });
  }

  /**
   * Writes what is made of the catalogue as it is. Reading, comparing and writing are one decision:
   * the catalogue's writer refuses what is made of anything but its latest. Who named no version
   * wants the change whatever there is, so it is then made anew of what there is by now.
   *
   * @param made may be asked more than once
   * @throws ProblemException if the writer refuses, or others are faster again and again
   */
  public Written write(Change change, Function<CatalogSnapshot, Draft> made) {
    for (int attempt = 1; ; attempt++) {
      CatalogSnapshot over = catalog.snapshot();
      Draft draft = made.apply(over);
      try {
        return new Written(
            over, writer.write(draft.upsert(), change.author(), change.reason(), draft.over()));
      } catch (ProblemException e) {
        if (e.type() != ProblemType.OUTDATED || Revisions.namesOne(change.ifMatch())) {
          throw e;
        }
        if (attempt == MOST_ATTEMPTS) {
          throw ProblemException.passing(
              ProblemType.TOO_BUSY,
              "Others are changing the same all the time; nothing was written.",
              RETRY_AFTER,
              e);
        }
      }
    }
  }
}
