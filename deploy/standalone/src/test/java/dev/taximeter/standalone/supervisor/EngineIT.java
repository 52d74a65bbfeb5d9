package dev.taximeter.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taximeter.standalone.instance.Ports.Role;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The real engine as the launcher runs it, through the JDBC driver that the product uses. */
class EngineIT {
  private static final int READONLY = 164;
  private static final int UNKNOWN_TABLE = 60;
  private static final int AUTHENTICATION_FAILED = 516;

  @TempDir private static Path folder;
  private static StandaloneProcess engine;

  @BeforeAll
  static void start() throws Exception {
    engine = StandaloneProcess.clickHouse(folder);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    engine.close();
  }

  @BeforeEach
  void emptyTable() throws Exception {
    try (Connection connection = writer();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS taximeter");
      statement.execute("DROP TABLE IF EXISTS taximeter.events");
      statement.execute(
          """
          CREATE TABLE taximeter.events (
            id UUID, account LowCardinality(String), at DateTime64(3, 'UTC'), tokens UInt64,
            cost Decimal(38, 12), flags Array(String))
          ENGINE = ReplacingMergeTree ORDER BY (account, id)
          SETTINGS non_replicated_deduplication_window = 100""");
    }
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "true, true"})
  void batchesAreReadBackTyped(boolean compressAnswer, boolean compressRequest) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("compress", Boolean.toString(compressAnswer));
    properties.setProperty("decompress", Boolean.toString(compressRequest));
    UUID id = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
    int rows = 20_000;
    try (Connection connection = connect("taximeter", password(), properties)) {
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO taximeter.events VALUES (?, ?, ?, ?, ?, ?)")) {
        for (int row = 0; row < rows; row++) {
          insert.setObject(1, row == 0 ? id : new UUID(row, row));
          insert.setString(2, row == 0 ? "it's \\ \"quoted\" ✓" : "acme");
          insert.setObject(3, LocalDateTime.of(2026, 11, 23, 21, 43, 7, 123_000_000));
          insert.setObject(4, row);
          insert.setBigDecimal(5, new BigDecimal("12345678901234567890123456.000000000001"));
          insert.setObject(6, new String[] {"a", "b'c"});
          insert.addBatch();
        }
        assertThat(insert.executeBatch()).hasSize(rows);
      }
      try (PreparedStatement select =
          connection.prepareStatement("SELECT * FROM taximeter.events WHERE id = ?")) {
        select.setObject(1, id);
        try (ResultSet result = select.executeQuery()) {
          assertThat(result.next()).isTrue();
          assertThat(result.getObject("id", UUID.class)).isEqualTo(id);
          assertThat(result.getString("account")).isEqualTo("it's \\ \"quoted\" ✓");
          assertThat(result.getObject("at", ZonedDateTime.class).toInstant())
              .isEqualTo(
                  LocalDateTime.of(2026, 11, 23, 21, 43, 7, 123_000_000).toInstant(ZoneOffset.UTC));
          assertThat(result.getBigDecimal("cost"))
              .isEqualTo(new BigDecimal("12345678901234567890123456.000000000001"));
          assertThat((Object[]) result.getArray("flags").getArray()).containsExactly("a", "b'c");
          assertThat(result.next()).isFalse();
        }
      }
      assertThat(number(connection, "SELECT count() FROM taximeter.events")).isEqualTo(rows);
      assertThat(number(connection, "SELECT sum(tokens) FROM taximeter.events"))
          .isEqualTo((long) rows * (rows - 1) / 2);
    }
  }

  @Test
  void errorsCarryTheServersCode() throws Exception {
    try (Connection connection = writer();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.executeQuery("SELECT * FROM taximeter.nothing"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("UNKNOWN_TABLE")
          .extracting(failure -> ((SQLException) failure).getErrorCode())
          .isEqualTo(UNKNOWN_TABLE);
    }
  }

  @Test
  void wrongPasswordIsRefused() throws Exception {
    assertThatThrownBy(() -> number(connect("taximeter", "wrong", new Properties()), "SELECT 1"))
        .isInstanceOf(SQLException.class)
        .hasStackTraceContaining("Authentication failed");
    HttpResponse<String> answer = post("taximeter", "wrong", "", "SELECT 1");
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("X-ClickHouse-Exception-Code"))
        .contains(Integer.toString(AUTHENTICATION_FAILED));
  }

  @Test
  void readerReads() throws Exception {
    insert(3);
    try (Connection connection = reader()) {
      assertThat(number(connection, "SELECT count() FROM taximeter.events")).isEqualTo(3);
      assertThat(connection.getMetaData().getTables(null, "taximeter", "%", null).next()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO taximeter.events SELECT generateUUIDv4(), 'x', now(), 1, 1, []",
        "DROP TABLE taximeter.events",
        "TRUNCATE TABLE taximeter.events",
        "ALTER TABLE taximeter.events DELETE WHERE 1",
        "CREATE TABLE taximeter.more (a UInt8) ENGINE = Memory",
        "SET readonly = 0",
        "SET readonly = 0; DROP TABLE taximeter.events",
        "SELECT 1; DROP TABLE taximeter.events",
        "SELECT 1; SELECT 2",
        "SELECT * FROM taximeter.events SETTINGS readonly = 0",
        "SELECT 1 INTO OUTFILE 'written-by-reader'",
        "INSERT INTO FUNCTION file('written-by-reader', 'CSV', 'a UInt8') VALUES (1)",
        "SYSTEM DROP MARK CACHE",
      })
  void readerCannotChangeAnything(String statement) throws Exception {
    insert(3);

    HttpResponse<String> answer = post("taximeter_reader", readerPassword(), "", statement);

    assertThat(answer.headers().firstValue("X-ClickHouse-Exception-Code"))
        .as(answer.body())
        .contains(Integer.toString(READONLY));
    try (Connection connection = writer()) {
      assertThat(number(connection, "SELECT count() FROM taximeter.events")).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM FILE('/etc/passwd', 'LineAsString')",
        "SELECT file('/etc/hostname')",
        "SELECT 'x' IN (SELECT * FROM file('/etc/passwd', 'LineAsString'))",
        "WITH x AS (SELECT * FROM file('/etc/passwd', 'LineAsString')) SELECT * FROM x",
        "SELECT * FROM view(SELECT * FROM file('/etc/passwd', 'LineAsString'))",
        "DESCRIBE TABLE file('/etc/passwd', 'LineAsString')",
        "EXPLAIN SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM default.`/etc/passwd`",
        "SELECT 1 WHERE 'x' IN default.`/etc/passwd`",
        "DESCRIBE TABLE `default`.`/etc/passwd`",
        "SHOW CREATE TABLE default.`/etc/passwd`",
        "SELECT * FROM filesystem('/etc')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
        "SELECT 1 IN url('http://127.0.0.1:1/', 'CSV', 'a String')",
        "SELECT * FROM s3('http://127.0.0.1:1/bucket/x', 'CSV', 'a String')",
        "SELECT * FROM remote('127.0.0.1:1', 'system.one')",
        "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
        "SELECT * FROM executable('x.sh', 'CSV', 'a String')",
        "SELECT * FROM merge('default', '.*')",
        "SELECT * FROM dictionary('d')",
        "SELECT hasColumnInTable('default', '/etc/passwd', 'c1')",
        "SELECT catboostEvaluate('/etc/passwd', 1)",
        "SELECT 1 SETTINGS additional_table_filters = {'system.one': 'file(\\'/etc/passwd\\') = 1'}",
        "SELECT * FROM (SELECT 1 SETTINGS max_threads = 1, implicit_select = 1)",
        "SHOW GRANTS",
      })
  void readerCannotReachFilesOrAddresses(String statement) throws Exception {
    HttpResponse<String> answer = post("taximeter_reader", readerPassword(), "", statement);

    assertThat(answer.headers().firstValue("X-ClickHouse-Exception-Code"))
        .as(answer.body())
        .contains(Integer.toString(READONLY));
    assertThat(answer.body()).contains("this user may ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM '/etc/passwd'",
        "DESCRIBE `/etc/passwd`",
        ", 1",
        "1",
        "SELEC 1",
        ""
      })
  void whatIsNoTableOrStatementStaysUnknownToTheReader(String statement) throws Exception {
    HttpResponse<String> answer = post("taximeter_reader", readerPassword(), "", statement);

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("root:");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "additional_result_filter=1",
        "dialect=prql",
        "readonly=0",
        "implicit_select=1",
        "format_schema=x"
      })
  void readerCannotChangeSettingsThatAreNoBounds(String setting) throws Exception {
    HttpResponse<String> answer = post("taximeter_reader", readerPassword(), setting, "SELECT 1");

    assertThat(answer.body()).contains("this user may not change the setting ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT count() FROM taximeter.events FINAL SETTINGS max_threads = 1",
        "WITH a AS (SELECT 1 AS x) SELECT format('{}', x) FROM a UNION ALL SELECT '2'",
        "SELECT toStartOfMonth(now()) > now() FROM numbers(1)",
        "SELECT 'it''s SETTINGS dialect = 1'",
        "SHOW TABLES FROM taximeter",
        "SHOW DATABASES LIKE 'taximeter'",
        "DESCRIBE TABLE taximeter.events",
        "SHOW CREATE TABLE taximeter.events",
        "EXISTS TABLE taximeter.events",
        "EXPLAIN SELECT 1",
        "SELECT 1 INTERSECT SELECT 1",
      })
  void readerReadsInManyWays(String statement) throws Exception {
    HttpResponse<String> answer =
        post("taximeter_reader", readerPassword(), "max_execution_time=30", statement);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO taximeter.texts FORMAT LineAsString x",
        "INSERT INTO taximeter.texts FORMAT Values ('x')"
      })
  void dataBehindAStatementIsNeverRunAsSql(String statement) throws Exception {
    makeTexts();
    HttpResponse<String> answer =
        post("taximeter", password(), "", statement + "\n\nDROP TABLE taximeter.texts");

    assertThat(answer.body()).contains("two line feeds in a row");
    assertThat(post("taximeter", password(), "", "SELECT count() FROM taximeter.texts").body())
        .isEqualTo("0\n");
  }

  @ParameterizedTest
  @CsvSource({
    "INSERT INTO taximeter.texts FORMAT LineAsString, 3",
    "insert into taximeter.texts (`s`) format TabSeparated, 3",
    "INSERT INTO taximeter.texts FORMAT RawBLOB;, 1"
  })
  void aBodyOfItsOwnMayHoldAnyBytes(String statement, String rows) throws Exception {
    makeTexts();
    String data = "x\n\nDROP TABLE taximeter.texts";
    String query = "query=" + URLEncoder.encode(statement, StandardCharsets.UTF_8);
    HttpResponse<String> answer = post("taximeter", password(), query, data);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(
            post(
                    "taximeter",
                    password(),
                    "",
                    "SELECT count(), max(s LIKE '%DROP TABLE%') FROM taximeter.texts")
                .body())
        .isEqualTo(rows + "\t1\n");
    assertThat(Files.list(folder.resolve("clickhouse/inserting"))).isEmpty();
  }

  @Test
  void aReaderInsertsNothingFromABody() throws Exception {
    makeTexts();
    String query = "query=INSERT+INTO+taximeter.texts+FORMAT+LineAsString";
    assertThat(post("taximeter_reader", readerPassword(), query, "x").statusCode()).isEqualTo(500);
    assertThat(post("taximeter", password(), "", "SELECT count() FROM taximeter.texts").body())
        .isEqualTo("0\n");
  }

  private void makeTexts() throws Exception {
    post("taximeter", password(), "", "DROP TABLE IF EXISTS taximeter.texts");
    String table = "CREATE TABLE taximeter.texts (s String) ENGINE = MergeTree ORDER BY s";
    assertThat(post("taximeter", password(), "", table).statusCode()).isEqualTo(200);
  }

  @Test
  void valuesMayHoldEmptyLines() throws Exception {
    String insert = "INSERT INTO taximeter.lines\n\nVALUES ('one format \n\n two'),\n\n('three')";
    post("taximeter", password(), "", "DROP TABLE IF EXISTS taximeter.lines");
    post(
        "taximeter",
        password(),
        "",
        "CREATE TABLE taximeter.lines (s String) ENGINE = MergeTree ORDER BY s");

    assertThat(post("taximeter", password(), "", insert).statusCode()).isEqualTo(200);
    assertThat(post("taximeter", password(), "", "SELECT s FROM taximeter.lines ORDER BY s").body())
        .isEqualTo("one format \\n\\n two\nthree\n");
  }

  @Test
  void settingsOfARequestDoNotReachTheNext() throws Exception {
    post("taximeter", password(), "max_result_rows=1", "SET max_block_size = 7; SELECT 1");

    HttpResponse<String> answer =
        post(
            "taximeter",
            password(),
            "",
            "SELECT value FROM system.settings"
                + " WHERE name IN ('max_result_rows', 'max_block_size', 'readonly') ORDER BY name");

    assertThat(answer.body()).isEqualTo("65409\n0\n0\n");
  }

  @Test
  void repeatedDeduplicationTokenAddsNothing() throws Exception {
    for (int time = 0; time < 2; time++) {
      post(
          "taximeter",
          password(),
          "insert_deduplication_token=usage-0-0-99",
          "INSERT INTO taximeter.events SELECT toUUID('01234567-89ab-cdef-0123-456789abcdef'), 'x',"
              + " now64(3), "
              + time
              + ", 1, []");
    }
    try (Connection connection = writer()) {
      assertThat(number(connection, "SELECT count() FROM taximeter.events")).isEqualTo(1);
    }
  }

  @Test
  void tooLargeARequestIsRefusedAndTheNextServed() throws Exception {
    byte[] body = new byte[65 << 20];
    java.util.Arrays.fill(body, (byte) ' ');

    HttpResponse<String> answer =
        send("taximeter", password(), "", HttpRequest.BodyPublishers.ofByteArray(body));

    assertThat(answer.body()).contains("larger than 67108864 bytes");
    assertThat(post("taximeter", password(), "", "SELECT 1").body()).isEqualTo("1\n");
  }

  @Test
  void damagedBodyIsRefused() throws Exception {
    HttpResponse<String> answer = post("taximeter", password(), "decompress=1", "SELECT 1");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("the compressed body ends within a block");
  }

  @Test
  void requestsAreServedAtTheSameTime() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Long>> results = new ArrayList<>();
      for (int number = 0; number < 400; number++) {
        int expected = number;
        results.add(
            threads.submit(
                () -> {
                  try (Connection connection = writer()) {
                    return number(connection, "SELECT toUInt64(" + expected + ")");
                  }
                }));
      }
      for (int number = 0; number < results.size(); number++) {
        assertThat(results.get(number).get()).isEqualTo(number);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void rowsSurviveAKill() throws Exception {
    insert(1000);

    engine.killAndAwaitRestart();

    try (Connection connection = writer()) {
      assertThat(number(connection, "SELECT count() FROM taximeter.events")).isEqualTo(1000);
    }
  }

  private static void insert(int rows) throws Exception {
    HttpResponse<String> answer =
        post(
            "taximeter",
            password(),
            "",
            "INSERT INTO taximeter.events SELECT generateUUIDv4(), 'acme', now64(3), number, 1, []"
                + " FROM numbers("
                + rows
                + ")");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("X-ClickHouse-Summary").orElseThrow())
        .contains("\"written_rows\":\"" + rows + "\"");
  }

  private static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      assertThat(result.next()).isTrue();
      return result.getLong(1);
    }
  }

  private static String password() throws IOException {
    return Files.readString(engine.directory().clickHousePasswordFile()).strip();
  }

  private static String readerPassword() throws IOException {
    return Files.readString(engine.directory().clickHouseReaderPasswordFile()).strip();
  }

  private static Connection writer() throws Exception {
    return connect("taximeter", password(), new Properties());
  }

  private static Connection reader() throws Exception {
    return connect("taximeter_reader", readerPassword(), new Properties());
  }

  private static Connection connect(String user, String password, Properties more)
      throws SQLException {
    Properties properties = new Properties();
    properties.putAll(more);
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    return DriverManager.getConnection(
        "jdbc:clickhouse:http://127.0.0.1:" + engine.port(Role.CLICKHOUSE) + "/", properties);
  }

  private static HttpResponse<String> post(
      String user, String password, String query, String statement) throws Exception {
    return send(user, password, query, HttpRequest.BodyPublishers.ofString(statement));
  }

  private static HttpResponse<String> send(
      String user, String password, String query, HttpRequest.BodyPublisher body) throws Exception {
    String credentials =
        Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + engine.port(Role.CLICKHOUSE) + "/?" + query))
                .header("Authorization", "Basic " + credentials)
                .POST(body)
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
