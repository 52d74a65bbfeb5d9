package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taximeter.contract.event.AccountState;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangedBillLinesTest {
  private final ChangedBillLines changed = new ChangedBillLines(3);

  private List<AccountState.BillLine> since(AccountState state) {
    return changed.since(state, state.periods().get(0));
  }

  @Test
  void allLinesOfAnUnknownAccountHaveChanged() {
    assertThat(since(Samples.state(1, Samples.line("a", 1), Samples.line("b", 1)))).hasSize(2);
  }

  @Test
  void onlyTheLinesThatDifferHaveChanged() {
    changed.remember(Samples.state(1, Samples.line("a", 1), Samples.line("b", 1)));
    AccountState next =
        Samples.state(2, Samples.line("a", 1), Samples.line("b", 2), Samples.line("c", 1));
    assertThat(since(next)).containsExactly(Samples.line("b", 2), Samples.line("c", 1));
  }

  @Test
  void theAccountThatRestedLongestIsForgottenFirst() {
    AccountState first = Samples.state("first", 1, Samples.line("a", 1));
    AccountState second = Samples.state("second", 1, Samples.line("a", 1), Samples.line("b", 1));
    AccountState third = Samples.state("third", 1, Samples.line("a", 1));
    changed.remember(first);
    changed.remember(second);
    changed.remember(first);
    changed.remember(third);
    assertThat(since(first)).isEmpty();
    assertThat(since(second)).hasSize(2);
    assertThat(since(third)).isEmpty();
  }
}
