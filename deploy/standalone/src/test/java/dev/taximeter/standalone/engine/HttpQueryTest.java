package dev.taximeter.standalone.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpQueryTest {
  @Test
  void parametersOfTheProtocolAreToldFromSettings() throws EngineException {
    Headers headers = new Headers();
    headers.set("X-ClickHouse-Database", "taximeter");
    headers.set("X-ClickHouse-Format", "RowBinaryWithNamesAndTypes");

    HttpQuery query =
        HttpQuery.parse(
            URI.create(
                "/?query=SELECT%201&query_id=q-1&compress=1&wait_end_of_query=1"
                    + "&max_threads=1&insert_deduplication_token=it%27s+a%5Cb&database=other"),
            headers);

    assertThat(query)
        .isEqualTo(
            new HttpQuery(
                "q-1",
                "SELECT 1",
                "taximeter",
                "RowBinaryWithNamesAndTypes",
                true,
                false,
                Map.of("max_threads", "1", "insert_deduplication_token", "it's a\\b")));
    assertThat(query.preparation(true))
        .contains("insert_deduplication_token = 'it\\'s a\\\\b'")
        .endsWith("USE `taximeter`;SET implicit_select = 0;SET readonly = 2;");
    assertThat(query.preparation(false)).doesNotContain("readonly");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/?database=default"})
  void aReadersPlainNamesAreNoFiles(String uri) throws EngineException {
    HttpQuery query = HttpQuery.parse(URI.create(uri), new Headers());

    assertThat(query.preparation(true)).contains("USE `system`;");
    assertThat(query.preparation(false)).doesNotContain("system");
  }

  @Test
  void namesCannotBreakOutOfTheirQuotes() throws EngineException {
    HttpQuery query =
        HttpQuery.parse(URI.create("/?database=a%60%3BDROP%20TABLE%20t%5C"), new Headers());

    assertThat(query.preparation(false)).endsWith("USE `a\\`;DROP TABLE t\\\\`;");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/?session_id=1",
        "/?user=taximeter",
        "/?max_threads%3D1%3BDROP=1",
        "/?a%20b=1",
        "/?default_format=A%20B"
      })
  void whatIsNotOfferedIsRefused(String uri) {
    assertThatThrownBy(() -> HttpQuery.parse(URI.create(uri), new Headers()))
        .isInstanceOf(EngineException.class)
        .extracting(failure -> ((EngineException) failure).code())
        .isEqualTo(EngineException.BAD_ARGUMENTS);
  }

  @Test
  void errorCodeIsReadFromTheEnginesWords() {
    assertThat(EngineException.reported("Code: 60. DB::Exception: no table").code()).isEqualTo(60);
    assertThat(EngineException.reported("out of order").code())
        .isEqualTo(EngineException.UNKNOWN_EXCEPTION);
  }
}
