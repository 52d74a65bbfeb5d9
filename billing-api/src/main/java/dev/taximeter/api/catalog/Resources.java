package dev.taximeter.api.catalog;

import dev.taximeter.api.web.IdempotencyKeys;
import dev.taximeter.contract.catalog.Catalog;
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
   * Writes a resource that is made of what it is now, and returns when it is in force everywhere.
   * What somebody else changes meanwhile is not overwritten: the writer refuses it.
   *
   * @param recordId of the resource
   * @param made what is written, made of the resource as this snapshot has it
   */
  public void rewrite(String recordId, Change change, Function<CatalogSnapshot, Catalog> made) {
    CatalogSnapshot snapshot = catalog.snapshot();
    Map<String, Long> asked = Revisions.expected(change.ifMatch(), snapshot, recordId);
    writer.write(
        made.apply(snapshot),
        change.author(),
        change.reason(),
        asked.isEmpty() ? Map.of(recordId, snapshot.versionOf(recordId)) : asked);
  }

  /**
   * Writes a resource and returns when it is in force everywhere.
   *
   * @param upsert the resource, and what changes with it
   * @param recordId of the resource that {@code If-Match} is about
   */
  public void write(Catalog upsert, String recordId, Change change) {
    writer.write(
        upsert,
        change.author(),
        change.reason(),
        Revisions.expected(change.ifMatch(), catalog.snapshot(), recordId));
  }
}
