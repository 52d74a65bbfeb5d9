package dev.taximeter.api.deadletters;

import dev.taximeter.api.web.HistoryUnavailableException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The dead letters that have landed. */
public interface DeadLetterHistory {
  /**
   * Which dead letters.
   *
   * @param reason code of the reason; null for any
   * @param source path of the file, or machine and path joined by a colon; null for any
   * @param from first instant of arrival; null for the beginning
   * @param to first instant after; null for now
   * @param onlyReplayable whether lines are left out that no replay can help: resolved ones, and in
   *     suspense all that are decided or wait for another reason than the configuration. Those in
   *     suspense are left out altogether unless the selection is narrow
   */
  record Selection(
      @Nullable String reason,
      @Nullable String source,
      @Nullable Instant from,
      @Nullable Instant to,
      boolean onlyReplayable) {
    /**
     * Whether a reason or a file is named. Who replays everything has no lines in mind that
     * somebody may just be deciding about.
     */
    public boolean isNarrow() {
      return reason != null || source != null;
    }
  }

  /** Where a page begins: behind this letter, in the order of the list. */
  record Place(Instant arrival, String id) {}

  /**
   * Lists dead letters by arrival.
   *
   * @param descending whether the latest come first
   * @param after null for the first page
   * @param most how many
   * @throws HistoryUnavailableException if history does not answer
   */
  List<DeadLetterItem> page(
      Selection selection, boolean descending, @Nullable Place after, int most);

  /**
   * @param id 32 hex digits
   * @return null if there is none
   * @throws HistoryUnavailableException if history does not answer
   */
  @Nullable DeadLetterItem find(String id);
}
