package dev.taximeter.contract.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.contract.event.LedgerPosting.Entry;
import dev.taximeter.contract.event.LedgerPosting.Kind;
import dev.taximeter.contract.event.LedgerPosting.LedgerAccount;
import dev.taximeter.contract.json.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerPostingTest {
  private static LedgerPosting posting(String debit, String credit) {
    return new LedgerPosting(
        "acme",
        7,
        Kind.TOP_UP,
        Instant.parse("2026-11-20T10:00:00Z"),
        3,
        "USD",
        "c-1",
        "ann",
        "",
        0,
        List.of(
            new Entry(LedgerAccount.CASH, null, "ledger:7", new BigDecimal(debit)),
            new Entry(
                LedgerAccount.CREDITS, YearMonth.of(2026, 11), null, new BigDecimal(credit))));
  }

  @Test
  void entriesAddUpToNothing() {
    assertThat(posting("5.00", "-5").entries()).hasSize(2);
    assertThatThrownBy(() -> posting("5", "-4.999999999999"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the entries of posting 7 of acme add up to 0.000000000001");
  }

  @Test
  void aPostingIsReadAsItWasWritten() {
    LedgerPosting posting = posting("5.00", "-5");
    String json = Json.MAPPER.writeValueAsString(posting);
    assertThat(json).contains("\"top-up\"", "\"amount\":\"-5\"", "\"2026-11\"");
    assertThat(Json.MAPPER.readValue(json, LedgerPosting.class)).isEqualTo(posting);
    assertThat(posting.recordKey()).isEqualTo("acme\t7");
  }
}
