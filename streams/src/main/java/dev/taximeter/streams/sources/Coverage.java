package dev.taximeter.streams.sources;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Which bytes of a file have come: ranges in ascending order that neither touch nor overlap.
 *
 * @param ranges what is there
 */
record Coverage(List<Range> ranges) {
  static final Coverage NONE = new Coverage(List.of());

  /**
   * Bytes from {@code from}, inclusive, to {@code to}, exclusive.
   *
   * @param since when the range began to stand alone; for a hole, when the range behind it did
   */
  record Range(long from, long to, Instant since) {
    Range {
      if (from < 0 || to < from) {
        throw new IllegalArgumentException("not a range: " + from + " to " + to);
      }
    }

    long length() {
      return to - from;
    }
  }

  Coverage {
    ranges = List.copyOf(ranges);
  }

  /**
   * @param bridge longest hole that counts as covered, too: what a shipper leaves out between lines
   */
  Coverage with(long from, long to, Instant since, long bridge) {
    List<Range> merged = new ArrayList<>(ranges.size() + 1);
    long newFrom = from;
    long newTo = to;
    Instant newSince = since;
    boolean touched = false;
    int place = 0;
    for (Range range : ranges) {
      if (range.to + bridge < newFrom) {
        merged.add(range);
        place = merged.size();
      } else if (range.from > newTo + bridge) {
        if (!touched && merged.size() == place) {
          // The hole that is split has been there since the range behind it.
          newSince = range.since.isBefore(newSince) ? range.since : newSince;
        }
        merged.add(range);
      } else {
        newSince = touched ? newSince : range.since;
        touched = true;
        newFrom = Math.min(newFrom, range.from);
        newTo = Math.max(newTo, range.to);
      }
    }
    merged.add(place, new Range(newFrom, newTo, newSince));
    return new Coverage(merged);
  }

  /** What is left without a range. */
  Coverage without(long from, long to, Instant since) {
    List<Range> left = new ArrayList<>(ranges.size() + 1);
    for (Range range : ranges) {
      if (range.to <= from || range.from >= to) {
        left.add(range);
        continue;
      }
      if (range.from < from) {
        left.add(new Range(range.from, from, range.since));
      }
      if (range.to > to) {
        left.add(new Range(to, range.to, since));
      }
    }
    return new Coverage(left);
  }

  /**
   * @return how many bytes of a range are there already
   */
  long overlap(long from, long to) {
    long bytes = 0;
    for (Range range : ranges) {
      bytes += Math.max(0, Math.min(to, range.to) - Math.max(from, range.from));
    }
    return bytes;
  }

  /**
   * @return the holes between ranges; what lies before the first and behind the last is none
   */
  List<Range> holes() {
    List<Range> holes = new ArrayList<>();
    for (int i = 1; i < ranges.size(); i++) {
      holes.add(new Range(ranges.get(i - 1).to, ranges.get(i).from, ranges.get(i).since));
    }
    return holes;
  }

  /**
   * @return whether a range follows the last one without a hole
   */
  boolean continues(long from, long bridge) {
    return !ranges.isEmpty() && from >= end() && from - end() <= bridge;
  }

  /**
   * @return whether a range lies within a hole that is not older than an instant
   */
  boolean fillsHoleSince(long from, long to, Instant since) {
    return holes().stream()
        .anyMatch(hole -> from >= hole.from && to <= hole.to && !hole.since.isBefore(since));
  }

  long first() {
    return ranges.isEmpty() ? 0 : ranges.get(0).from;
  }

  long end() {
    return ranges.isEmpty() ? 0 : ranges.get(ranges.size() - 1).to;
  }
}
