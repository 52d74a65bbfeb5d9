package dev.taximeter.parse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Finds names in a byte array without making strings. Immutable. */
final class NameTable {
  static final int NOT_FOUND = -1;

  private final byte[][] names;
  private final int[] slots;
  private final int longest;

  /** Names must be distinct and not empty; a name's index is its place in the list. */
  NameTable(List<String> list) {
    names = list.stream().map(n -> n.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    slots = new int[Integer.highestOneBit(Math.max(1, names.length)) * 4];
    Arrays.fill(slots, NOT_FOUND);
    int max = 0;
    for (int i = 0; i < names.length; i++) {
      max = Math.max(max, names[i].length);
      int slot = slotOf(names[i], 0, names[i].length);
      while (slots[slot] != NOT_FOUND) {
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = i;
    }
    longest = max;
  }

  /** Index of the name that the bytes are, or {@link #NOT_FOUND}. */
  int find(byte[] bytes, int from, int to) {
    if (to <= from || to - from > longest) {
      return NOT_FOUND;
    }
    int slot = slotOf(bytes, from, to);
    while (slots[slot] != NOT_FOUND) {
      byte[] name = names[slots[slot]];
      if (Arrays.equals(name, 0, name.length, bytes, from, to)) {
        return slots[slot];
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    return NOT_FOUND;
  }

  /** Length and three bytes tell the names of a log apart well enough. */
  private int slotOf(byte[] bytes, int from, int to) {
    int length = to - from;
    int hash = length * 31 + bytes[from];
    hash = hash * 31 + bytes[to - 1];
    hash = hash * 31 + bytes[from + length / 2];
    return (hash ^ (hash >>> 8)) & (slots.length - 1);
  }
}
