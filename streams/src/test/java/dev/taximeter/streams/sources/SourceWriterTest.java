package dev.taximeter.streams.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.event.SourceInput;
import dev.taximeter.contract.event.SourceState;
import dev.taximeter.contract.json.Json;
import dev.taximeter.streams.topology.parts.InMemory;
import dev.taximeter.streams.topology.parts.Problems;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More sources than there is room for. */
class SourceWriterTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");

  @TempDir private Path stateDirectory;
  private List<StateStore> stores;
  private MockProcessorContext<byte[], byte[]> context;
  private SourceWriter writer;
  private Problems problems;

  @BeforeEach
  void start() {
    context = context();
    stores =
        new Sources().stores().stream().map(builder -> InMemory.build(context, builder)).toList();
    begin();
  }

  private MockProcessorContext<byte[], byte[]> context() {
    problems = new Problems();
    Properties properties = new Properties();
    properties.put(Problems.CONFIG, problems);
    MockProcessorContext<byte[], byte[]> made =
        new MockProcessorContext<>(properties, new TaskId(0, 0), stateDirectory.toFile());
    made.setCurrentSystemTimeMs(NOW.toEpochMilli());
    return made;
  }

  private void begin() {
    writer = new SourceWriter(3);
    writer.init(context);
  }

  private void restart() {
    context = context();
    stores.forEach(context::addStateStore);
    begin();
  }

  private static LineSource source(String path) {
    return new LineSource("gw", path);
  }

  private void process(SourceInput input) {
    writer.process(new Record<>("k", input, NOW.toEpochMilli()));
  }

  private void beat(String path, Instant through) {
    process(new SourceInput.Heartbeat(source(path), 0, 1, through, NOW, null));
  }

  private void ship(String path) {
    process(new SourceInput.Shipped(source(path), "file", 0, 9, 9, false, 1, NOW, "s"));
  }

  private void see(String path) {
    process(new SourceInput.Seen(source(path), List.of(), 1, 9, NOW));
  }

  private void retire(LineSource source) {
    process(new SourceInput.Retirement(source, "c", 1, NOW));
  }

  /** Latest states; those that were deleted are left out. */
  private Map<LineSource, SourceState> states() {
    List.copyOf(context.scheduledPunctuators())
        .forEach(scheduled -> scheduled.getPunctuator().punctuate(NOW.toEpochMilli()));
    Map<String, SourceState> latest = new HashMap<>();
    context.forwarded().stream()
        .filter(sent -> sent.childName().orElseThrow().equals("sources"))
        .forEach(
            sent -> {
              String key = new String(sent.record().key());
              if (sent.record().value() == null) {
                latest.remove(key);
              } else {
                latest.put(key, Json.MAPPER.readValue(sent.record().value(), SourceState.class));
              }
            });
    Map<LineSource, SourceState> states = new HashMap<>();
    latest.values().forEach(state -> states.put(state.source(), state));
    return states;
  }

  @Test
  void oneSourceTooManyMakesTheWholeUnknownAndIsNamed() {
    beat("/a", NOW);
    beat("/b", NOW);
    ship("/c");
    assertThat(problems.sentences()).isEmpty();
    beat("/d", NOW);
    assertThat(states())
        .containsOnlyKeys(source("/a"), source("/b"), source("/c"), SourceWriter.OVERFLOW);
    SourceState overflow = states().get(SourceWriter.OVERFLOW);
    assertThat(overflow.kind()).isEqualTo(SourceState.Kind.SHIPPER);
    assertThat(overflow.status()).isEqualTo(SourceState.Status.LIVE);
    assertThat(overflow.watermark()).as("completeness waits for it").isNull();
    assertThat(problems.sentences()).singleElement().asString().contains("GET /v1/sources");

    restart();
    assertThat(problems.sentences()).as("still named").hasSize(1);
    retire(source("/c"));
    beat("/d", NOW);
    assertThat(states())
        .containsOnlyKeys(source("/a"), source("/b"), source("/d"), SourceWriter.OVERFLOW);
    retire(SourceWriter.OVERFLOW);
    assertThat(states().get(SourceWriter.OVERFLOW).status()).isEqualTo(SourceState.Status.RETIRED);
    assertThat(problems.sentences()).isEmpty();
  }

  @Test
  void clocksThatAreAheadAreAProblemWithAWayOut() {
    process(new SourceInput.ClockAhead(source("/unknown"), 900, NOW));
    assertThat(states()).as("it makes no source").isEmpty();
    beat("/a", NOW);
    beat("/b", NOW);
    process(new SourceInput.ClockAhead(source("/b"), 900, NOW));
    process(new SourceInput.ClockAhead(source("/a"), 8_000, NOW));
    assertThat(states().get(source("/b")).clockAheadSeconds()).isEqualTo(900);
    assertThat(problems.sentences())
        .singleElement()
        .asString()
        .contains("writes /a on gw (and 1 more) is ahead by 2 h 13 min", "absurd-future")
        .contains("GET /v1/dead-letters");
    retire(source("/a"));
    process(new SourceInput.ClockAhead(source("/a"), 900, NOW));
    assertThat(states().get(source("/a")).status()).isEqualTo(SourceState.Status.RETIRED);
    process(new SourceInput.ClockAhead(source("/a"), 900, NOW.minusSeconds(3_601)));
    process(new SourceInput.ClockAhead(source("/b"), 900, NOW.minusSeconds(3_601)));
    assertThat(problems.sentences()).isEmpty();
  }

  /** A backfill that runs has no heartbeats, and completeness waits for it all the same. */
  @Test
  void onlyWhatNobodyWaitsForGivesWay() {
    ship("/running");
    see("/foreign");
    beat("/ended", SourceInput.Heartbeat.END);
    beat("/a", NOW);
    beat("/b", NOW);
    assertThat(states()).containsOnlyKeys(source("/running"), source("/a"), source("/b"));
    assertThat(problems.sentences()).isEmpty();
  }
}
