package dev.taximeter.streams.landing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SchemaTest {
  @Test
  void everyFileIsAStepAndNumbersAscend() throws IOException, URISyntaxException {
    Path directory = Path.of(Objects.requireNonNull(Schema.class.getResource("schema")).toURI());
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(Schema.FILES)
          .containsExactlyElementsOf(
              files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    List<Migration> migrations = Schema.migrations();
    assertThat(migrations).extracting(Migration::version).isSorted().doesNotHaveDuplicates();
    assertThat(migrations).allSatisfy(it -> assertThat(it.statements()).isNotEmpty());
  }

  /** The engine checks the same when rows arrive; this tells it at once. */
  @Test
  void theSchemaHasTheColumnsThatRowsHave() {
    String sql =
        String.join(
            "\n", Schema.migrations().stream().flatMap(m -> m.statements().stream()).toList());
    for (Table<?> table : Tables.ALL) {
      List<String> columns = new ArrayList<>();
      List<String> types = new ArrayList<>();
      for (String line : definitions(sql, table.name())) {
        Matcher column =
            Pattern.compile(
                    "    `([^`]+)` (.*?)(?: DEFAULT (?:`\\w+`|-?\\d+|\\w+\\([^()]*\\)))?(?: CODEC\\(.*\\))?,?")
                .matcher(line);
        if (column.matches()) {
          columns.add(column.group(1));
          types.add(column.group(2).replaceAll("LowCardinality\\((\\w+)\\)", "$1"));
        }
      }
      assertThat(table.columnNames()).as(table.name()).containsExactlyInAnyOrderElementsOf(columns);
      for (int i = 0; i < columns.size(); i++) {
        types.set(i, modified(sql, table.name(), columns.get(i)).orElse(types.get(i)));
        int at = table.columnNames().indexOf(columns.get(i));
        assertThat(table.columnShapes().get(at).code())
            .as(table.name() + "." + columns.get(i))
            .isEqualTo(types.get(i));
      }
    }
  }

  /** The type that a later step gives the column. */
  private static Optional<String> modified(String sql, String table, String column) {
    Optional<String> type = Optional.empty();
    Matcher steps =
        Pattern.compile("ALTER TABLE " + table + "\n((?:    [A-Z].*\n?)+)").matcher(sql);
    while (steps.find()) {
      Matcher change =
          Pattern.compile(
                  "MODIFY COLUMN IF EXISTS `" + Pattern.quote(column) + "` (\\S+)(?: CODEC.*)?")
              .matcher(steps.group(1));
      if (change.find()) {
        type = Optional.of(change.group(1));
      }
    }
    return type;
  }

  /** Lines that may define a column: those of the table's own statement, and those added later. */
  private static List<String> definitions(String sql, String table) {
    String start = "CREATE TABLE IF NOT EXISTS " + table + "\n";
    assertThat(sql).contains(start);
    // What ClickHouse makes of other columns stands in no row.
    String body = sql.substring(sql.indexOf(start), sql.indexOf("ENGINE", sql.indexOf(start)));
    List<String> lines =
        new ArrayList<>(body.lines().filter(line -> !line.contains(" MATERIALIZED ")).toList());
    Matcher added =
        Pattern.compile("ALTER TABLE " + table + "\n((?:    ADD COLUMN IF NOT EXISTS .*\n?)+)")
            .matcher(sql);
    while (added.find()) {
      added
          .group(1)
          .lines()
          .map(l -> l.replace("ADD COLUMN IF NOT EXISTS ", ""))
          .forEach(lines::add);
    }
    return lines;
  }

  @Test
  void aStepIsParsedIntoStatements() {
    Migration migration =
        Migration.parse(
            "V0012__two_tables.sql",
            """
            -- A comment; with a semicolon;
            CREATE TABLE IF NOT EXISTS a
            (
                -- another
                `x` String
            );

            DROP TABLE IF EXISTS b;
            """);
    assertThat(migration.version()).isEqualTo(12);
    assertThat(migration.name()).isEqualTo("two_tables");
    assertThat(migration.checksum()).matches("[0-9a-f]{64}");
    assertThat(migration.statements())
        .containsExactly(
            "CREATE TABLE IF NOT EXISTS a\n(\n    `x` String\n)", "DROP TABLE IF EXISTS b");
  }

  @Test
  void aStepThatCouldNotBeTakenTwiceIsRefused() {
    assertThatThrownBy(() -> Migration.parse("V0001__a.sql", "CREATE TABLE a (x Int8);"))
        .hasMessage("a statement of V0001__a.sql says neither IF NOT EXISTS nor IF EXISTS");
    assertThatThrownBy(() -> Migration.parse("V0001__a.sql", "DROP TABLE IF EXISTS a"))
        .hasMessage("V0001__a.sql ends within a statement");
    assertThatThrownBy(() -> Migration.parse("v1.sql", ""))
        .hasMessageContaining("is not named like");
  }

  @Test
  void aChangedTextHasAnotherChecksum() {
    assertThat(Migration.parse("V0001__a.sql", "DROP TABLE IF EXISTS a;").checksum())
        .isNotEqualTo(Migration.parse("V0001__a.sql", "DROP TABLE IF EXISTS b;").checksum());
  }
}
