package dev.taximeter.streams.topology.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WakeUpTest {
  /** 30 ms after a multiple of every pace. */
  private static final long NOW = 1_600_000_030;

  private final MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
  private int runs;
  private boolean failing;
  private final WakeUp wakeUp = new WakeUp(context, this::work);

  @BeforeEach
  void setClock() {
    context.setCurrentSystemTimeMs(NOW);
  }

  private void work() {
    runs++;
    if (failing) {
      throw new IllegalStateException("a defect");
    }
  }

  private List<Duration> delays() {
    return context.scheduledPunctuators().stream().map(CapturedPunctuator::getInterval).toList();
  }

  private void punctuate() {
    List<CapturedPunctuator> all = context.scheduledPunctuators();
    all.get(all.size() - 1).getPunctuator().punctuate(NOW);
  }

  @Test
  void tasksWakeAtCommonInstantsAndShareATransaction() {
    wakeUp.soon();
    assertThat(delays()).containsExactly(Duration.ofMillis(20));
    punctuate();
    wakeUp.after(NOW - 400);
    assertThat(delays()).containsExactly(Duration.ofMillis(20), Duration.ofMillis(170));
  }

  @Test
  void whatAsksMeanwhileIsDoneWithTheOthers() {
    wakeUp.after(NOW);
    wakeUp.after(NOW - 10_000);
    wakeUp.soon();
    assertThat(delays()).hasSize(1);
  }

  /** Or results would wait for the commit that comes by itself. */
  @Test
  void workIsDoneOnceAndAsksForItsCommit() {
    wakeUp.soon();
    punctuate();
    assertThat(runs).isEqualTo(1);
    assertThat(context.committed()).isTrue();
    assertThat(context.scheduledPunctuators().get(0).cancelled()).isTrue();
    assertThat(delays()).hasSize(1);
  }

  @Test
  void workThatFailsIsTriedAgain() {
    failing = true;
    wakeUp.soon();
    assertThatThrownBy(this::punctuate).isInstanceOf(IllegalStateException.class);
    assertThat(context.committed()).isFalse();
    assertThat(delays()).containsExactly(Duration.ofMillis(20), Duration.ofSeconds(1));
    failing = false;
    punctuate();
    assertThat(runs).isEqualTo(2);
    assertThat(context.committed()).isTrue();
  }
}
