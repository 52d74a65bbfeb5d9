package dev.taximeter.standalone.bench;

import dev.taximeter.standalone.backfill.BackfillRun;
import dev.taximeter.standalone.backfill.RestClient;
import dev.taximeter.standalone.backfill.RunningSystem;
import dev.taximeter.standalone.backfill.StalledException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Measures what the API answers while ClickHouse holds a year of usage. */
final class ReadsRun {
  /** Real lines, for balances and bills that are not empty. */
  private static final long REAL_LINES = 20_000;

  private static final String OVERVIEW = "/v1/overview?span=30d";
  private static final long SEED = 5;
  private static final int USAGE_DAYS = 30;
  private static final Duration MERGES_SETTLE = Duration.ofMinutes(3);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final int LOADS = 5;
  private static final int LOAD_TIMEOUT_MILLIS = 120_000;
  private static final long MEGABYTE = 1_000_000;

  private final RunningSystem system;
  private final String url;
  private final String token;
  private final Path directory;
  private final int accounts;
  private final long events;
  private final int seconds;
  private final int rate;
  private final PrintStream progress;

  ReadsRun(
      RunningSystem system,
      String url,
      String token,
      Path directory,
      int accounts,
      long events,
      int seconds,
      int rate,
      PrintStream progress) {
    this.system = system;
    this.url = url;
    this.token = token;
    this.directory = directory;
    this.accounts = accounts;
    this.events = events;
    this.seconds = seconds;
    this.rate = rate;
    this.progress = progress;
  }

  ReadsReport run()
      throws IOException, InterruptedException, ExecutionException, StalledException, SQLException {
    RestClient api = system.api();
    // The last hour is whole, so that each row of it stays as it is.
    SyntheticUsage usage =
        new SyntheticUsage(accounts, events, Instant.now().minus(Duration.ofMinutes(1)), progress);
    long fillSeconds = 0;
    long windows;
    long disk;
    try (Connection connection = system.clickHouseWriter()) {
      if (KeptUsage.isIn(directory, accounts, events)) {
        say("the usage is there already");
      } else {
        fillSeconds = fill(usage, connection);
      }
      windows = number(connection, "SELECT count() FROM usage_windows");
      disk =
          number(
              connection,
              "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database ="
                  + " currentDatabase()");
    }
    List<ReadsReport.Read> reads = measure();
    return new ReadsReport(
        events, windows, disk / MEGABYTE, fillSeconds, areExact(api), reads, method());
  }

  private long fill(SyntheticUsage usage, Connection connection)
      throws IOException, InterruptedException, ExecutionException, StalledException, SQLException {
    say("loading %,d accounts", accounts);
    load(SyntheticUsage.catalogue(accounts));
    say("shipping %,d real lines", REAL_LINES);
    Path file = directory.resolve("real.log");
    BenchLines real = BenchLines.write(file, REAL_LINES, SEED, Instant.now());
    new BackfillRun(system, null).ship(List.of(real.file()));
    long start = System.nanoTime();
    usage.write(connection);
    if (!usage.agrees(connection)) {
      throw new IOException("the windows do not add up to the events");
    }
    long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
    awaitMerges(connection);
    KeptUsage.note(directory, accounts, events);
    return seconds;
  }

  private static String usageOfOne() {
    return "/v1/usage?account=%s&granularity=day&groupBy=model&from=%s"
        .formatted(SyntheticUsage.account(0), today().minusDays(USAGE_DAYS - 1).toInstant());
  }

  private static String usageOfAll() {
    return "/v1/usage?groupBy=model&from=%s"
        .formatted(today().minusDays(USAGE_DAYS - 1).toInstant());
  }

  private static ZonedDateTime today() {
    return LocalDate.now(SyntheticUsage.ZONE).atStartOfDay(SyntheticUsage.ZONE);
  }

  /** Edges that cut months, days, hours and minutes. */
  private static String between(String path) {
    Instant now = Instant.now();
    return path.replaceFirst(
        "from=.*", "from=%s&to=%s".formatted(now.minus(Duration.ofDays(USAGE_DAYS)), now));
  }

  private List<ReadsReport.Read> measure() throws IOException, InterruptedException {
    try (OpenLoop loop = new OpenLoop(url, token)) {
      return measure(loop);
    }
  }

  private List<ReadsReport.Read> measure(OpenLoop loop) throws IOException, InterruptedException {
    String month = YearMonth.now(ZoneOffset.UTC).toString();
    List<ReadsReport.Read> reads = new ArrayList<>();
    // Programs are compiled while they run.
    loop.measure("/livez", rate / 2, rate / 4 * seconds);
    loop.measure("/v1/accounts/acme/balance", rate / 2, rate / 4 * seconds);
    add(reads, loop, "hello (/livez)", "/livez", rate, 0);
    add(reads, loop, "balance", "/v1/accounts/acme/balance", rate, 5);
    add(reads, loop, "hello again", "/livez", rate, 0);
    String bill = "/v1/accounts/acme/bills/" + month;
    loop.measure(bill, 50, 20 * seconds);
    add(reads, loop, "bill preview", bill, 50, 100);
    loop.measure(usageOfOne(), 5, seconds);
    add(reads, loop, "30 days of the largest account", usageOfOne(), 5, 100);
    add(reads, loop, "the same between two instants", between(usageOfOne()), 5, 0);
    loop.measure(usageOfAll(), 1, 3);
    add(reads, loop, "30 days of all accounts by model", usageOfAll(), 1, 500);
    add(reads, loop, "the same between two instants", between(usageOfAll()), 1, 0);
    loop.measure(OVERVIEW, 1, 3);
    add(reads, loop, "the dashboard's overview of 30 days", OVERVIEW, 1, 1_000);
    return reads;
  }

  private void add(
      List<ReadsReport.Read> reads,
      OpenLoop loop,
      String name,
      String path,
      int perSecond,
      int wantedP99)
      throws IOException, InterruptedException {
    say("measuring %s", name);
    Millis latency = loop.measure(path, perSecond, perSecond * seconds);
    reads.add(new ReadsReport.Read(name, path, perSecond, latency, wantedP99));
  }

  private boolean areExact(RestClient api) throws IOException, InterruptedException {
    for (String path : List.of(usageOfOne(), usageOfAll())) {
      if (!api.get(path).path("asOf").path("exact").asBoolean()) {
        return false;
      }
    }
    return true;
  }

  /** Many accounts at once may not be confirmed in time; the same again is harmless. */
  private void load(String catalogue) throws IOException {
    int status = 0;
    for (int attempt = 0; attempt < LOADS && status != HttpURLConnection.HTTP_OK; attempt++) {
      status = put(catalogue);
      if (status != HttpURLConnection.HTTP_OK
          && status != HttpURLConnection.HTTP_GATEWAY_TIMEOUT
          && status != HttpURLConnection.HTTP_UNAVAILABLE) {
        break;
      }
    }
    if (status != HttpURLConnection.HTTP_OK) {
      throw new IOException("the catalogue was answered with status " + status);
    }
  }

  private int put(String catalogue) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(url + "/v1/catalog").toURL().openConnection(Proxy.NO_PROXY);
    connection.setRequestMethod("PUT");
    connection.setReadTimeout(LOAD_TIMEOUT_MILLIS);
    connection.setRequestProperty("Authorization", "Bearer " + token);
    connection.setRequestProperty("Content-Type", "application/yaml");
    connection.setDoOutput(true);
    connection.getOutputStream().write(catalogue.getBytes(StandardCharsets.UTF_8));
    return connection.getResponseCode();
  }

  /** A system that has run for a year has merged what it has. */
  private void awaitMerges(Connection connection) throws SQLException, InterruptedException {
    say("waiting for merges");
    long end = System.nanoTime() + MERGES_SETTLE.toNanos();
    while (number(connection, "SELECT count() FROM system.merges") > 0 && System.nanoTime() < end) {
      Thread.sleep(LOOK_EVERY.toMillis());
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private void say(String format, Object... values) {
    progress.println(format.formatted(values));
  }

  private List<String> method() {
    return List.of(
        "Everything runs on this machine: broker, ClickHouse engine, metering, API, and this"
            + " program, which asks.",
        "%,d accounts with %d keys each and %d models over %d days; the largest has a tenth of all usage. Events, hour windows and minute windows are made by SQL, checked against each other, and merged as far as ClickHouse merges by itself."
            .formatted(
                accounts, SyntheticUsage.KEYS, SyntheticUsage.MODELS, SyntheticUsage.SPAN.toDays()),
        "Balances and bill previews are answered from memory; they are those of an account with real"
            + " lines, which metering has rated.",
        "Thirty days are those of the accounts' zone, today's so far the last; between two instants,"
            + " to the millisecond, windows of all lengths and single events are read.",
        "Requests are due at fixed instants, whether or not earlier ones have been answered, and are"
            + " timed from when they were due.",
        "Before each kind some requests go ahead that do not count.");
  }
}
