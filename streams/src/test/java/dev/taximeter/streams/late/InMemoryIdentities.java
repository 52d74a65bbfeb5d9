package dev.taximeter.streams.late;

import dev.taximeter.contract.topic.Topics;
import dev.taximeter.streams.worker.NotYetException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** A topic of identities and the history that it lands in. */
public final class InMemoryIdentities implements Identities {
  private static final TopicPartition CARRIER =
      new TopicPartition(Topics.LINE_FATES.topicName(), 0);

  private static final String TOPIC_ID = "in-memory";

  private record Identity(String id, boolean quarantined, Instant arrival) {}

  private final List<Identity> written = new ArrayList<>();
  private final Instant since;
  private int landed;
  private boolean landing = true;
  private boolean away;
  private boolean incomplete;
  private int lookUps;

  /**
   * @param since when the installation began
   */
  public InMemoryIdentities(Instant since) {
    this.since = since;
  }

  /** Appends to the topic. */
  public void write(String id, boolean quarantined, Instant arrival) {
    written.add(new Identity(id, quarantined, arrival));
    if (landing) {
      landed = written.size();
    }
  }

  public void setLanding(boolean lands) {
    landing = lands;
    if (lands) {
      landed = written.size();
    }
  }

  public void setIncomplete(boolean isIncomplete) {
    incomplete = isIncomplete;
  }

  public void setAway(boolean isAway) {
    away = isAway;
  }

  /** How many ids have been looked up. */
  public int lookUps() {
    return lookUps;
  }

  public Map<TopicPartition, TopicEnds.End> ends() {
    return written.isEmpty()
        ? Map.of()
        : Map.of(CARRIER, new TopicEnds.End(TOPIC_ID, written.size()));
  }

  @Override
  public Map<String, Known> find(Collection<String> ids) throws NotYetException {
    mayBeAway();
    lookUps += ids.size();
    Map<String, Known> found = new HashMap<>();
    for (Identity identity : written.subList(0, landed)) {
      if (ids.contains(identity.id())) {
        found.merge(
            identity.id(),
            identity.quarantined() ? Known.ONLY_QUARANTINED : Known.SEEN,
            (a, b) -> a == b ? a : Known.SEEN);
      }
    }
    return found;
  }

  @Override
  public Optional<Instant> oldestArrival() throws NotYetException {
    mayBeAway();
    return written.subList(0, landed).stream()
        .map(Identity::arrival)
        .min(Comparator.naturalOrder());
  }

  @Override
  public Instant since() throws NotYetException {
    mayBeAway();
    return since;
  }

  @Override
  public boolean isIncomplete() throws NotYetException {
    mayBeAway();
    return incomplete;
  }

  @Override
  public Map<TopicPartition, Reached> landed() throws NotYetException {
    mayBeAway();
    return landed == 0 ? Map.of() : Map.of(CARRIER, new Reached(TOPIC_ID, landed));
  }

  @Override
  public void close() {}

  private void mayBeAway() throws NotYetException {
    if (away) {
      throw new NotYetException("history is away");
    }
  }
}
