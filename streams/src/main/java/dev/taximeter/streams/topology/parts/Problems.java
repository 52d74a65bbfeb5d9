package dev.taximeter.streams.topology.parts;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What keeps results from leaving although metering runs: by name, until it is solved. Shown to the
 * operator by the process's health. Thread-safe.
 */
public final class Problems {
  /** Name of the Streams configuration entry that holds them. */
  public static final String CONFIG = "taximeter.problems";

  /** Beyond so many, another one tells nothing new. */
  private static final int MOST = 100;

  private final Map<String, String> sentences = new ConcurrentSkipListMap<>();

  /**
   * @param settings of the topology
   * @return the process's; ones that nobody sees if there are none, as in tests
   */
  public static Problems of(Map<String, ?> settings) {
    return settings.get(CONFIG) instanceof Problems problems ? problems : new Problems();
  }

  /**
   * @param name what {@link #solved} will be called with
   * @param sentence what, where, how to fix
   * @return whether it is new
   */
  public boolean report(String name, String sentence) {
    return sentences.size() < MOST && !sentence.equals(sentences.put(name, sentence));
  }

  public void solved(String name) {
    sentences.remove(name);
  }

  public List<String> sentences() {
    return List.copyOf(sentences.values());
  }
}
