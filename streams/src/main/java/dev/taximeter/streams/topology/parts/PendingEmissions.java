package dev.taximeter.streams.topology.parts;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Remembers whose latest state is still to be published. Many changes of one key make one record.
 *
 * <p>{@link Marks} are part of the transaction that made the change: a process that dies after that
 * transaction and before the emission publishes after its restart.
 */
public final class PendingEmissions {
  private final Marks marks;
  private final String kind;
  private final Set<String> keys = new LinkedHashSet<>();

  /**
   * @param marks may be shared by several kinds
   * @param kind distinguishes them; no slash
   */
  public PendingEmissions(Marks marks, String kind) {
    this.marks = marks;
    this.kind = kind + "/";
    marks.stored(this.kind).forEach(mark -> keys.add(mark.substring(this.kind.length())));
  }

  public void mark(String key) {
    if (keys.add(key)) {
      marks.add(kind + key);
    }
  }

  /** Takes one mark away without publishing. */
  public void clear(String key) {
    if (keys.remove(key)) {
      marks.remove(kind + key);
    }
  }

  /** {@return the keys that are marked now, in the order in which they were marked} */
  public List<String> marked() {
    return List.copyOf(keys);
  }

  public boolean isEmpty() {
    return keys.isEmpty();
  }

  public boolean contains(String key) {
    return keys.contains(key);
  }

  /**
   * Publishes everything that is marked, in the order in which it was marked.
   *
   * @param publish returns how much work it was
   * @return the sum of that work
   */
  public int drain(ToIntFunction<String> publish) {
    int work = 0;
    for (Iterator<String> each = keys.iterator(); each.hasNext(); ) {
      String key = each.next();
      work += publish.applyAsInt(key);
      each.remove();
      marks.remove(kind + key);
    }
    return work;
  }
}
