package dev.taximeter.api.kafka;

import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.PriceVersions;
import dev.taximeter.contract.catalog.CatalogRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The catalogue as {@code catalog.v1} tells it, complete versions only. */
public final class LiveCatalog implements CatalogView, TopicView.Sink {
  private final Records<CatalogRecord> records = new Records<>(CatalogRecord.class);

  /** Latest record of each resource; used by the view's thread only. */
  private final Map<String, CatalogRecord> latest = new LinkedHashMap<>();

  /** Records of a version whose last one has not come. */
  private final List<CatalogRecord> incomplete = new ArrayList<>();

  private final PriceVersions priceVersions = new PriceVersions();

  private volatile CatalogSnapshot snapshot = CatalogSnapshot.EMPTY;

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    long version = snapshot.version();
    for (ConsumerRecord<String, byte[]> record : batch) {
      CatalogRecord change = records.read(record);
      if (change == null) {
        continue;
      }
      incomplete.add(change);
      priceVersions.add(change);
      if (change.last()) {
        for (CatalogRecord complete : incomplete) {
          latest.merge(
              complete.id(), complete, (old, next) -> next.version() >= old.version() ? next : old);
        }
        incomplete.clear();
        version = Math.max(version, change.version());
      }
    }
    if (version > snapshot.version()) {
      snapshot = new CatalogSnapshot(version, latest.values());
    }
  }

  @Override
  public CatalogSnapshot snapshot() {
    return snapshot;
  }

  @Override
  public PriceVersions priceVersions() {
    return priceVersions;
  }
}
