package dev.taximeter.api.alerts;

import dev.taximeter.contract.event.AlertMark;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Marks, known at once. */
public final class InMemoryMarks implements Marks {
  private final Map<String, AlertMark> marks = new ConcurrentSkipListMap<>();
  public volatile boolean broken;

  public void clear() {
    marks.clear();
    broken = false;
  }

  @Override
  public AlertMark acknowledgement(String alert) {
    return marks.get("acknowledgement/" + alert);
  }

  @Override
  public List<AlertMark> mutes() {
    return marks.values().stream().filter(it -> it.type() == AlertMark.Type.MUTE).toList();
  }

  @Override
  public boolean write(AlertMark mark) {
    if (!broken) {
      marks.put(mark.recordKey(), mark);
    }
    return !broken;
  }
}
