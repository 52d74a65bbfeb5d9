package dev.taximeter.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dates that can be written but not counted in milliseconds, or not stored. */
class FarDatesApiTest extends ApiTest {
  private static final List<String> FAR =
      List.of(
          "%2B10000-01-01T00:00:00Z",
          "9999-12-31T23:59:59-18:00",
          "%2B999999999-12-31T23:59:59.999999999Z",
          "-999999999-01-01T00:00:00Z",
          "-0001-12-31T23:59:59Z",
          "0000-01-01T00:00:00%2B18:00");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/usage?account=acme",
        "/v1/accounting?shipment=x",
        "/v1/dead-letters?limit=1",
        "/v1/leakage?account=acme",
        "/v1/operations?account=acme"
      })
  void aFarDateIsRefusedAndNamed(String path) {
    for (String parameter : List.of("from", "to")) {
      for (String date : FAR) {
        Answer answer = get(path + "&" + parameter + "=" + date);
        assertThat(answer.status()).as(parameter + "=" + date).isEqualTo(400);
        assertThat(answer.body()).as(parameter + "=" + date).contains(parameter, "0 and 9999");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"+10000-01", "+999999999-12", "-0001-01"})
  void aFarMonthIsRefusedAndNamed(String month) {
    Answer answer = get("/v1/accounts/acme/bills/" + month);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("0 and 9999");
  }

  @ParameterizedTest
  @ValueSource(strings = {"from", "to"})
  void aFarDateInABodyIsRefused(String field) {
    Answer answer =
        post("/v1/dead-letters/replay", "{\"%s\":\"+10000-01-01T00:00:00Z\"}".formatted(field));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains(field);
  }
}
