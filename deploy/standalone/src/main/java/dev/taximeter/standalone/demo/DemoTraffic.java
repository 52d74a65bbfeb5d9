package dev.taximeter.standalone.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/**
 * Lines of the invented gateway of which it is known what they must be billed as, for other
 * commands. The same seed gives the same lines, and no line twice. Not thread-safe.
 */
public final class DemoTraffic {
  private final GatewaySimulator gateway;
  private int next;

  public DemoTraffic(long seed) {
    this.gateway = new GatewaySimulator(seed);
  }

  /**
   * A line that is certainly billed.
   *
   * @param text without end-of-line; about 1.2 kB
   * @param account that pays
   * @param inputTokens all of the prompt, cached or not
   * @param outputTokens all of the answer
   */
  public record Billed(String text, String account, int inputTokens, int outputTokens) {}

  /** {@return the next line; all customers' keys take their turns} */
  public Billed billed(Instant completion) {
    next = (next + 1) % DemoKey.ALL.size();
    return billed(completion, DemoKey.ALL.get(next));
  }

  /** {@return the next line of one account} */
  public Billed billedOf(String account, Instant completion) {
    List<DemoKey> keys = DemoKey.ALL.stream().filter(key -> key.account().equals(account)).toList();
    next = (next + 1) % keys.size();
    return billed(completion, keys.get(next));
  }

  private Billed billed(Instant completion, DemoKey key) {
    SimulatedLine line = gateway.billed(completion, key);
    return new Billed(line.text(), key.account(), line.inputTokens(), line.outputTokens());
  }

  /** Writes the catalogue of all customers, keys and prices, unless the file is there. */
  public static void writeCatalog(Path file, LocalDate today) throws IOException {
    DemoCatalog.writeOnce(file, today);
  }
}
