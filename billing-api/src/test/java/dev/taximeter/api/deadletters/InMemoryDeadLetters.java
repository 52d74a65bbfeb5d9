package dev.taximeter.api.deadletters;

import dev.taximeter.contract.event.Fate;
import dev.taximeter.contract.event.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Dead letters in memory. */
public final class InMemoryDeadLetters implements DeadLetterHistory {
  public final List<DeadLetterItem> items = new ArrayList<>();

  @Override
  public List<DeadLetterItem> page(Selection selection, boolean descending, Place after, int most) {
    Comparator<DeadLetterItem> order =
        Comparator.comparing(DeadLetterItem::arrival).thenComparing(DeadLetterItem::id);
    return items.stream()
        .filter(item -> selection.reason() == null || item.reason().equals(selection.reason()))
        .filter(item -> selection.source() == null || isOf(item, selection.source()))
        .filter(item -> selection.from() == null || !item.arrival().isBefore(selection.from()))
        .filter(item -> selection.to() == null || item.arrival().isBefore(selection.to()))
        .filter(
            item ->
                !selection.onlyReplayable()
                    || (item.fate() == Fate.QUARANTINED && item.isOpen() && keepsLine(item))
                    || (selection.isNarrow() && isHeld(item)))
        .filter(item -> after == null || isBehind(item, after, descending))
        .sorted(descending ? order.reversed() : order)
        .limit(most)
        .toList();
  }

  private static boolean isOf(DeadLetterItem item, String source) {
    return source.equals(item.source().path())
        || source.equals(item.source().host() + ":" + item.source().path());
  }

  private static boolean isBehind(DeadLetterItem item, Place place, boolean descending) {
    int arrival = item.arrival().compareTo(place.arrival());
    int order = arrival != 0 ? arrival : item.id().compareTo(place.id());
    return descending ? order < 0 : order > 0;
  }

  @Override
  public DeadLetterItem find(String id) {
    return items.stream().filter(item -> item.id().equals(id)).findFirst().orElse(null);
  }

  private static boolean isHeld(DeadLetterItem item) {
    return item.fate() == Fate.SUSPENSE
        && (item.isOpen() || item.replay().fate() == Fate.SUSPENSE)
        && Arrays.stream(Reason.values())
            .filter(reason -> reason.code().equals(item.reason()))
            .allMatch(Reason::isOfConfiguration);
  }

  private static boolean keepsLine(DeadLetterItem item) {
    return Arrays.stream(Reason.values())
        .filter(reason -> reason.code().equals(item.reason()))
        .allMatch(Reason::keepsLine);
  }
}
