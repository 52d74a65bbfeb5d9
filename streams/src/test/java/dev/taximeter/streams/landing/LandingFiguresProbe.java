package dev.taximeter.streams.landing;

import dev.taximeter.contract.topic.Topics;
import java.time.Duration;
import java.util.Map;

/** Makes figures as landing does. */
public final class LandingFiguresProbe {
  private final LandingFigures figures;
  private final Map<String, RecordMapper> mappers;

  public LandingFiguresProbe(LandingFigures figures) {
    this.figures = figures;
    this.mappers = LandedTopics.mappers(figures);
  }

  /** A record of a topic passes by. */
  public void read(Topics topic, byte[] value) {
    mappers.get(topic.topicName()).rows(0, 0, value);
  }

  /** Everything has landed. */
  public void landed(Duration sinceArrival) {
    figures.landed(sinceArrival);
  }
}
