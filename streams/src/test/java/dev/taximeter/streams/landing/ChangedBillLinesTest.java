package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.AccountRecord;
import org.junit.jupiter.api.Test;

class ChangedBillLinesTest {
  private final ChangedBillLines changed = new ChangedBillLines(3);

  @Test
  void allLinesOfAnUnknownMonthHaveChanged() {
    assertThat(changed.since(Samples.month(1, Samples.line("a", 1), Samples.line("b", 1))))
        .hasSize(2);
  }

  @Test
  void onlyTheLinesThatDifferHaveChanged() {
    changed.remember(Samples.month(1, Samples.line("a", 1), Samples.line("b", 1)));
    AccountRecord.Month next =
        Samples.month(2, Samples.line("a", 1), Samples.line("b", 2), Samples.line("c", 1));
    assertThat(changed.since(next)).containsExactly(Samples.line("b", 2), Samples.line("c", 1));
  }

  @Test
  void theMonthThatRestedLongestIsForgottenFirst() {
    AccountRecord.Month first = Samples.month("first", 1, Samples.line("a", 1));
    AccountRecord.Month second =
        Samples.month("second", 1, Samples.line("a", 1), Samples.line("b", 1));
    AccountRecord.Month third = Samples.month("third", 1, Samples.line("a", 1));
    changed.remember(first);
    changed.remember(second);
    changed.remember(first);
    changed.remember(third);
    assertThat(changed.since(first)).isEmpty();
    assertThat(changed.since(second)).hasSize(2);
    assertThat(changed.since(third)).isEmpty();
  }
}
