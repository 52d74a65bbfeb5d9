package dev.taximeter.standalone.backfill;

import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far a long piece of work is. */
public abstract class Progress implements AutoCloseable {
  /**
   * System property that the launching script sets to {@code true} if standard error is a terminal;
   * Java cannot tell.
   */
  private static final String TERMINAL = "taximeter.terminal";

  private static final Duration PLAIN_LINE_EVERY = Duration.ofSeconds(5);
  private static final int BAR_UPDATE_MILLIS = 200;

  /** Says nothing. */
  public static Progress silent() {
    return new Progress() {
      @Override
      public void show(long done, long of) {}

      @Override
      public void close() {}
    };
  }

  /**
   * A bar on a terminal, else a plain line every few seconds.
   *
   * @param task what is done, for people
   * @param unit what is counted, such as {@code lines}
   * @param unitSize how many of what is counted make one unit, 1 or more
   */
  public static Progress on(PrintStream output, String task, String unit, long unitSize) {
    return Boolean.getBoolean(TERMINAL)
        ? new Bar(output, task, unit, unitSize)
        : new PlainLines(output, task, unit, unitSize);
  }

  /**
   * Shows the state of the work.
   *
   * @param done what is done, 0 or more
   * @param of all there is; 0 or less if that is unknown
   */
  public abstract void show(long done, long of);

  @Override
  public abstract void close();

  private static final class Bar extends Progress {
    private final ProgressBar bar;

    Bar(PrintStream output, String task, String unit, long unitSize) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(-1)
              .setUnit(" " + unit, unitSize)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(BAR_UPDATE_MILLIS)
              .setConsumer(new ConsoleProgressBarConsumer(output))
              .build();
    }

    @Override
    public void show(long done, long of) {
      bar.maxHint(of > 0 ? of : -1);
      bar.stepTo(done);
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private static final class PlainLines extends Progress {
    private final PrintStream output;
    private final String task;
    private final String unit;
    private final long unitSize;
    private @Nullable String shown;
    private long shownAt = System.nanoTime();

    PlainLines(PrintStream output, String task, String unit, long unitSize) {
      this.output = output;
      this.task = task;
      this.unit = unit;
      this.unitSize = unitSize;
    }

    @Override
    public void show(long done, long of) {
      String total = of > 0 ? " of " + of / unitSize : "";
      String line = "%s: %d%s %s".formatted(task, done / unitSize, total, unit);
      boolean due = System.nanoTime() - shownAt > PLAIN_LINE_EVERY.toNanos();
      boolean finished = of > 0 && done >= of;
      if ((due || finished) && !line.equals(shown)) {
        output.println(line);
        shown = line;
        shownAt = System.nanoTime();
      }
    }

    @Override
    public void close() {}
  }
}
