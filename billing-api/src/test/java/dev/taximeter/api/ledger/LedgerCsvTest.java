package dev.taximeter.api.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.taximeter.contract.event.LedgerPosting;
import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LedgerCsvTest {
  private static Stream<Arguments> words() {
    return Stream.of(
        arguments("seat", "seat"),
        arguments("a, \"b\"", "\"a, \"\"b\"\"\""),
        arguments("=cmd()", "'=cmd()"),
        arguments(" =cmd()", "' =cmd()"),
        arguments("＝cmd()", "'＝cmd()"),
        arguments("＠SUM(A1)", "'＠SUM(A1)"),
        arguments("-1", "'-1"));
  }

  @ParameterizedTest
  @MethodSource("words")
  void wordsAreNeverAFormulaAndNumbersStayNumbers(String reason, String cell) {
    LedgerPosting posting =
        new LedgerPosting(
            "acme",
            7,
            LedgerPosting.Kind.DEBIT,
            Instant.parse("2026-11-20T10:00:00Z"),
            42,
            "USD",
            "c",
            "ann",
            reason,
            0,
            List.of(
                new Entry(LedgerAccount.UNBILLED, YearMonth.of(2026, 11), null, BigDecimal.ONE),
                new Entry(
                    LedgerAccount.DEBITS, YearMonth.of(2026, 11), null, BigDecimal.ONE.negate())));
    assertThat(LedgerCsv.of(List.of(posting)).lines().skip(2))
        .containsExactly(
            "acme,7,2026-11-20T10:00:00Z,debit,debits,2026-11,,-1,USD,42,,ann," + cell);
  }
}
