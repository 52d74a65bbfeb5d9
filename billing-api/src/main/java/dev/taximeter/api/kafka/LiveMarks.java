package dev.taximeter.api.kafka;

import dev.taximeter.api.alerts.Marks;
import dev.taximeter.api.web.Waiting;
import dev.taximeter.contract.event.AlertMark;
import dev.taximeter.contract.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** The latest mark of each alert, and all mutes, in {@code alert.marks.v1}. */
public final class LiveMarks implements Marks, TopicView.Sink {
  /** Some 300 bytes each; the oldest ones go, but for mutes in force, which are few. */
  static final int MOST_MARKS = 20_000;

  private static final Duration SEEING = Duration.ofSeconds(5);

  private final Records<AlertMark> records = new Records<>(AlertMark.class);
  private final KafkaWriter writer;

  /** Guarded by itself. */
  private final Map<String, AlertMark> marks = new LinkedHashMap<>();

  private final Clock clock;

  public LiveMarks(KafkaWriter writer, Clock clock) {
    this.writer = writer;
    this.clock = clock;
  }

  @Override
  public void accept(List<ConsumerRecord<String, byte[]>> batch) {
    for (ConsumerRecord<String, byte[]> record : batch) {
      AlertMark mark = records.read(record);
      if (mark != null) {
        synchronized (marks) {
          marks.remove(mark.recordKey());
          marks.put(mark.recordKey(), mark);
          forget();
        }
      }
    }
  }

  private void forget() {
    if (marks.size() <= MOST_MARKS) {
      return;
    }
    Instant now = clock.instant();
    for (Iterator<AlertMark> eldest = marks.values().iterator(); eldest.hasNext(); ) {
      Instant until = eldest.next().until();
      if (until == null || !until.isAfter(now)) {
        eldest.remove();
        return;
      }
    }
  }

  private @Nullable AlertMark mark(String key) {
    synchronized (marks) {
      return marks.get(key);
    }
  }

  @Override
  public @Nullable AlertMark acknowledgement(String alert) {
    return mark(AlertMark.Type.ACKNOWLEDGEMENT.code() + '/' + alert);
  }

  @Override
  public List<AlertMark> mutes() {
    List<AlertMark> mutes = new ArrayList<>();
    synchronized (marks) {
      for (AlertMark mark : marks.values()) {
        if (mark.type() == AlertMark.Type.MUTE) {
          mutes.add(mark);
        }
      }
    }
    return mutes;
  }

  @Override
  public boolean write(AlertMark mark) {
    if (!writer.wrote(writer.write(Topics.ALERT_MARKS, mark.recordKey(), mark))) {
      return false;
    }
    Waiting.until(() -> mark.equals(mark(mark.recordKey())), SEEING);
    return true;
  }
}
