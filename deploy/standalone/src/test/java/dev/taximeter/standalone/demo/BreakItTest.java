package dev.taximeter.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BreakItTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Test
  void anOrderIsTakenOnce(@TempDir Path directory) throws Exception {
    AtomicInteger kills = new AtomicInteger();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    BreakIt breakIt =
        new BreakIt(
            directory, kills::incrementAndGet, new PrintStream(said, true, StandardCharsets.UTF_8));

    assertThat(breakIt.look()).isFalse();
    Files.writeString(directory.resolve(BreakIt.ORDER), "");

    assertThat(breakIt.look()).isTrue();
    assertThat(breakIt.look()).isFalse();
    assertThat(kills).hasValue(1);
    assertThat(said.toString(StandardCharsets.UTF_8)).contains("metering is killed");
  }

  @Test
  void anOrderThatFailsIsNotTheLast(@TempDir Path directory) throws Exception {
    AtomicInteger kills = new AtomicInteger();
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Runnable failingFirst =
        () -> {
          if (kills.incrementAndGet() == 1) {
            throw new IllegalStateException("no such process");
          }
        };
    new BreakIt(directory, failingFirst, new PrintStream(said, true, StandardCharsets.UTF_8))
        .start();

    for (int presses = 1; presses <= 2; presses++) {
      Files.writeString(directory.resolve(BreakIt.ORDER), "");
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (kills.get() < presses && System.nanoTime() < deadline) {
        Thread.sleep(20);
      }
      assertThat(kills).hasValue(presses);
    }
    assertThat(said.toString(StandardCharsets.UTF_8)).contains("no such process");
  }
}
