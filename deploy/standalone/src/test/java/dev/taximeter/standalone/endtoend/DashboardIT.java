package dev.taximeter.standalone.endtoend;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.taximeter.standalone.demo.DemoTraffic;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The dashboard in a real browser, on the four real processes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DashboardIT {
  private static final String ACCOUNT = "acme";
  private static final String ACCOUNT_NAME = "Acme GmbH";
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  private static final List<String> OTHERS = List.of("globex", "Globex", "quanta", "Kestrel");

  /** Its last four characters are shown. */
  private static final String UNKNOWN_KEY = "sk-nobody-has-entered-1234";

  private static final int PAST_LINES = 240;
  private static final int UNKNOWN_LINES = 4;
  private static final int PAINT_TRIES = 10;
  private static final int LIVE_TRIES = 15;
  private static final long SECOND_MILLIS = 1_000;
  private static final int ALERT_TRIES = 30;

  /** Requests an hour, in the demonstration's catalogue. */
  private static final int MODERATION_QUOTA = 60;

  private static final int DESKTOP_WIDTH = 1360;
  private static final int DESKTOP_HEIGHT = 900;
  private static final double RESTART_MILLIS = 90_000;
  private static final int PHONE_WIDTH = 390;
  private static final int PHONE_HEIGHT = 844;

  private static final Path SHOTS = Path.of("target", "dashboard");

  @TempDir private static Path directory;
  private final YearMonth month = YearMonth.now(ZONE);
  private Path log;
  private DemoTraffic traffic;
  private RunningInstallation installation;
  private Browser browser;
  private BrowserContext operator;
  private Page page;

  @BeforeAll
  void start() throws Exception {
    Path chromium = Browser.installed().orElse(null);
    assumeTrue(
        chromium != null,
        "no Chromium on this machine: install the package chromium, or name one in CHROMIUM");
    log = Files.createFile(directory.resolve("access.log"));
    traffic = new DemoTraffic(7);
    Path catalog = directory.resolve("demo.yaml");
    DemoTraffic.writeCatalog(catalog, LocalDate.now(ZoneOffset.UTC));
    installation =
        RunningInstallation.start(directory, Files.readString(catalog), List.of(log), "dashboard");
    installation.ship(past());
    browser = new Browser(chromium, URI.create(url()));
    operator = browser.person(DESKTOP_WIDTH, DESKTOP_HEIGHT, "en-GB", ColorScheme.LIGHT);
    page = operator.newPage();
    Files.createDirectories(SHOTS);
  }

  private String url() {
    return installation.data().instance().orElseThrow().apiUrl();
  }

  /** Lines of last month and this one, and some of a key that nobody knows. */
  private Path past() throws Exception {
    List<String> lines = new ArrayList<>();
    Instant now = Instant.now().minusSeconds(60);
    Instant from = month.minusMonths(1).atDay(2).atStartOfDay(ZONE).toInstant();
    Duration step = Duration.between(from, now).dividedBy(PAST_LINES);
    for (int i = 0; i < PAST_LINES; i++) {
      lines.add(traffic.billed(from.plus(step.multipliedBy(i))).text());
    }
    for (int i = 0; i < UNKNOWN_LINES; i++) {
      lines.add(
          traffic
              .billedOf(ACCOUNT, now.minusSeconds(i))
              .text()
              .replaceFirst("sk-demo-[A-Za-z0-9-]+", UNKNOWN_KEY));
    }
    return Files.write(directory.resolve("past.log"), lines);
  }

  @AfterAll
  void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (installation != null) {
      installation.close();
    }
  }

  @AfterEach
  void nothingWasComplainedOf() {
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  @Order(1)
  void aLinkSignsInAndPaintsWithinASecond() throws Exception {
    signIn(page, signInLink());
    assertThat(heading(page, "Overview")).isVisible();
    Browser.settle(page);
    assertThat(page.locator(".figure").first()).containsText("USD");

    // What is promised is what the page needs, not what else the machine is busy with: the best of
    // several people whose browsers have never been here.
    double best = firstPaintMillis(page);
    for (int i = 1; i < PAINT_TRIES && best >= SECOND_MILLIS; i++) {
      try (BrowserContext fresh =
          browser.person(DESKTOP_WIDTH, DESKTOP_HEIGHT, "en-GB", ColorScheme.LIGHT)) {
        Page cold = fresh.newPage();
        signIn(cold, signInLink());
        Browser.settle(cold);
        best = Math.min(best, firstPaintMillis(cold));
      }
    }
    System.err.println("The first paint on a cold cache took " + Math.round(best) + " ms.");
    assertThat(best).isLessThan(SECOND_MILLIS);
  }

  @Test
  @Order(2)
  void aLineIsShownWithinASecond() throws Exception {
    open("live");
    assertThat(page.locator("#feed-state")).hasText("Live");
    long best = Long.MAX_VALUE;
    for (int i = 0; i < LIVE_TRIES && best > SECOND_MILLIS; i++) {
      long offset = Files.size(log);
      long start = System.nanoTime();
      append(traffic.billedOf(ACCOUNT, Instant.now()).text());
      page.locator("#live-lines")
          .getByText(Pattern.compile("access\\.log@" + offset + "$"))
          .waitFor();
      best = Math.min(best, Duration.ofNanos(System.nanoTime() - start).toMillis());
    }

    System.err.println("A line was on the page " + best + " ms after it was written.");
    assertThat(best).isLessThanOrEqualTo(SECOND_MILLIS);
    assertThat(page.locator("#live-lines tbody tr").first()).containsText("billed");
    assertThat(page.locator("#feed-delay")).containsText("ms behind the log");
  }

  @Test
  @Order(3)
  void clicksLeadFromAllAccountsToOneLine() {
    open("overview?span=30d&by=account");
    link(ACCOUNT_NAME).first().click();
    assertThat(heading(page, ACCOUNT_NAME)).isVisible();
    Browser.settle(page);
    page.getByRole(AriaRole.LINK, named(Pattern.compile("^acme-"))).first().click();
    Browser.settle(page);
    assertThat(heading(page, Pattern.compile("^acme-"))).isVisible();
    page.locator("table").first().getByRole(AriaRole.LINK).first().click();
    Browser.settle(page);
    assertThat(page).hasURL(Pattern.compile("model="));
    button("Show the requests").click();
    assertThat(page.getByText(Pattern.compile("^(past|access)\\.log@\\d+$")).first()).isVisible();
  }

  @Test
  @Order(4)
  void aNumberTellsWhereItComesFrom() {
    open("accounts/acme");
    button("Where does this come from?").first().click();
    Locator drawer = page.getByRole(AriaRole.DIALOG);
    assertThat(drawer.getByText("agrees with the log, to the last digit")).isVisible();
    assertThat(drawer).containsText("/v1/explain?figure=balance&account=acme");
    assertThat(drawer).containsText("SELECT");
    assertThat(drawer.locator("table").last().locator("tbody tr").first()).containsText("acme-");
    page.keyboard().press("Escape");
    assertThat(drawer).hasCount(0);
  }

  @Test
  @Order(5)
  void aKeyIsMadeAndItsSecretShownOnce() throws Exception {
    open("accounts/acme?tab=keys");
    button("Create a key").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    dialog.getByLabel("Name of the key").fill("browser-made");
    dialog.getByRole(AriaRole.BUTTON, button("Create a key", true)).click();
    assertThat(dialog).containsText("shown once");
    String secret = dialog.locator(".copyable code").innerText();
    assertThat(secret).startsWith("tmk_");
    dialog.getByRole(AriaRole.BUTTON, button("Close", true)).last().click();

    assertThat(page.getByRole(AriaRole.LINK, named("browser-made"))).isVisible();
    assertThat(page.locator("dialog")).hasCount(0);
    assertThat(page.content()).doesNotContain(secret);
    append(
        traffic
            .billedOf(ACCOUNT, Instant.now())
            .text()
            .replaceFirst("sk-demo-[A-Za-z0-9-]+", secret));
    open("live");
    assertThat(page.locator("#live-lines").getByText(Pattern.compile("^browser-made")).first())
        .isVisible();
  }

  @Test
  @Order(6)
  void aTopUpIsInTheBalanceToTheLastDigit() throws Exception {
    open("accounts/tidewater");
    BigDecimal before = balance("tidewater");
    button("Top up").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    dialog.getByLabel(Pattern.compile("^Amount")).fill("12.345678");
    dialog.getByLabel("Reason").fill("paid by transfer");
    dialog.getByRole(AriaRole.BUTTON, button("Top up", true)).click();

    assertThat(page.getByText("12.345678 USD were added.")).isVisible();
    assertThat(dialog).hasCount(0);
    BigDecimal after = balance("tidewater");
    assertThat(after).isEqualByComparingTo(before.add(new BigDecimal("12.345678")));
    assertThat(page.locator(".figure").first()).containsText(plain(after));
  }

  @Test
  @Order(7)
  void aBillIsReadAndMadeFinal() {
    YearMonth last = month.minusMonths(1);
    open("accounts/acme?tab=bills");
    assertThat(page.getByText("preview", new Page.GetByTextOptions().setExact(true)).first())
        .isVisible();
    open("accounts/acme/bills/" + last);
    assertThat(page.locator("h1")).containsText("to be finalised");
    button("Finalise").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("never changes again");
    dialog.getByRole(AriaRole.BUTTON, button("Finalise", true)).click();

    assertThat(page.locator("h1 .badge")).hasText("final");
    Browser.settle(page);
    for (String format : List.of("pdf", "html", "csv")) {
      String address =
          page.getByRole(
                  AriaRole.LINK,
                  named(Pattern.compile("^" + format.toUpperCase(java.util.Locale.ROOT))))
              .getAttribute("href");
      APIResponse document = operator.request().get(address);
      assertThat(document.status()).isEqualTo(200);
      assertThat(document.headers().get("content-type")).contains(format);
    }
  }

  @Test
  @Order(8)
  void anUnknownKeyIsClaimed() throws Exception {
    open("operations/unattributed");
    assertThat(page.locator("#health")).containsText("nobody has registered");
    Locator row = page.locator("tbody tr").filter(new Locator.FilterOptions().setHasText("1234"));
    row.getByRole(AriaRole.BUTTON, button("Claim", true)).click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    dialog.getByLabel("Account").selectOption("nimbus");
    dialog.getByLabel("Name of the key").fill("nimbus-found");
    dialog.getByRole(AriaRole.BUTTON, button("Claim", true)).click();

    assertThat(page.getByText("nimbus pays for this key.")).isVisible();
    assertThat(row).containsText("nimbus · nimbus-found");
    RunningInstallation.eventually(
        () ->
            assertThat(
                    installation
                        .api()
                        .get("/v1/usage?account=nimbus&key=nimbus-found&from=2026-01-01T00:00:00Z")
                        .path("rows")
                        .path(0)
                        .path("requests")
                        .asLong())
                .isEqualTo(UNKNOWN_LINES));
  }

  @Test
  @Order(9)
  void aPriceIsChangedOnlyOverWhatWasRead() throws Exception {
    open("catalogue/price-books/euro");
    button("Edit").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    Locator text = dialog.locator("textarea");
    String before = text.inputValue();
    assertThat(before).contains("\"2.8\"");
    text.fill(before.replace("\"2.8\"", "\"2.75\""));
    button("See what changes").click();
    assertThat(dialog.locator(".difference .removed")).containsText("2.8");
    assertThat(dialog.locator(".difference .added")).containsText("2.75");
    dialog.getByLabel("Reason").fill("agreed with Meridian");
    button("Write it").click();
    assertThat(page.getByText("The change is in force.")).isVisible();
    assertThat(page.locator("tbody tr").first()).containsText("2.75");
  }

  @Test
  @Order(10)
  void languageAndThemeAreSwitchedAndKept() {
    open("overview");
    page.locator("#language").click();
    assertThat(heading(page, "概览")).isVisible();
    assertThat(page.locator("html")).hasAttribute("lang", "zh-CN");
    String light = background();
    page.locator("#theme").click();
    assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    assertThat(background()).isNotEqualTo(light);
    page.reload();
    assertThat(heading(page, "概览")).isVisible();
    assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    page.locator("#language").click();
    page.locator("#theme").click();
    assertThat(heading(page, "Overview")).isVisible();
  }

  private String background() {
    return (String) page.evaluate("() => getComputedStyle(document.body).backgroundColor");
  }

  @Test
  @Order(11)
  void everythingCanBeDoneWithTheKeyboard() {
    open("overview");
    // A page that was just loaded begins at its top.
    page.reload();
    Browser.settle(page);
    press("Tab", ":focus", "#skip");
    page.keyboard().press("Tab");
    for (int i = 0; i < 12 && !focused().contains("#/accounts"); i++) {
      page.keyboard().press("Tab");
    }
    assertThat(focused()).contains("#/accounts");
    page.keyboard().press("Enter");
    assertThat(heading(page, "Accounts")).isVisible();
    Browser.settle(page);
    for (int i = 0; i < 30 && !focused().contains("explain"); i++) {
      page.keyboard().press("Tab");
    }
    page.keyboard().press("Enter");
    assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
    page.keyboard().press("Escape");
    assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
    assertThat(focused()).contains("explain");
  }

  private void press(String key, String selector, String expected) {
    page.keyboard().press(key);
    assertThat(page.locator(selector).and(page.locator(expected))).hasCount(1);
  }

  private String focused() {
    return (String) page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)");
  }

  @Test
  @Order(12)
  void aCustomerSeesNothingOfOthers() {
    open("accounts/acme");
    button("Customer link").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    dialog.getByRole(AriaRole.BUTTON, button("Make the link", true)).click();
    String link = dialog.locator(".copyable code").first().innerText();
    assertThat(link).contains("/sign-in?code=");
    page.keyboard().press("Escape");

    try (BrowserContext customer =
        browser.person(DESKTOP_WIDTH, DESKTOP_HEIGHT, "en-GB", ColorScheme.LIGHT)) {
      Page own = customer.newPage();
      signIn(own, link);
      for (String place :
          List.of(
              "overview",
              "accounts",
              "accounts/acme?tab=keys",
              "accounts/acme?tab=ledger",
              "bills")) {
        own.navigate("/#/" + place);
        Browser.settle(own);
        assertThat(own.locator(".failure")).hasCount(0);
        assertThat(own.content()).doesNotContain(OTHERS.toArray(new String[0]));
      }
      assertThat(own.locator("#side a"))
          .hasText(new String[] {"Overview", "Account", "Bills", "Alerts", "API"});
      assertThat(own.getByRole(AriaRole.BUTTON, buttonOf("Top up"))).hasCount(0);
      for (String path :
          List.of(
              "/v1/accounts/globex",
              "/v1/accounts/globex/balance",
              "/v1/overview?account=globex",
              "/v1/standing/balances?account=globex",
              "/v1/standing/quotas?account=globex",
              "/v1/usage?account=globex")) {
        assertThat(customer.request().get(path).status()).as(path).isEqualTo(404);
      }
      for (String path : List.of("/v1/live", "/v1/sources", "/v1/suspense", "/v1/unattributed")) {
        assertThat(customer.request().get(path).status()).as(path).isEqualTo(403);
      }
      JsonNode all =
          dev.taximeter.contract.json.Json.MAPPER.readTree(
              customer.request().get("/v1/overview?span=30d").body());
      assertThat(all.path("groups").size()).isEqualTo(1);
      assertThat(all.path("groups").path(0).path("account").asString()).isEqualTo(ACCOUNT);
    }
  }

  @Test
  @Order(12)
  void aPastedTokenSignsInAndIsKeptNowhere() throws Exception {
    String token = installation.data().adminToken();
    try (BrowserContext own =
        browser.person(DESKTOP_WIDTH, DESKTOP_HEIGHT, "en-GB", ColorScheme.LIGHT)) {
      Page shown = own.newPage();
      shown.navigate("/");
      Locator field = shown.getByLabel(Pattern.compile("^Token"));
      field.fill("tmt_of_nobody");
      shown.keyboard().press("Enter");
      assertThat(shown.locator("#problem")).containsText("not valid");
      // A browser names every answer of an error: the page without a session, and the wrong token.
      assertThat(browser.complaints()).hasSize(2).allMatch(said -> said.contains("401"));
      field.fill(token);
      shown.keyboard().press("Enter");

      assertThat(heading(shown, "Overview")).isVisible();
      assertThat(shown.content()).doesNotContain(token);
      assertThat(
              (String)
                  shown.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])"))
          .doesNotContain(token);
    }
  }

  @Test
  @Order(12)
  void aTableIsSavedAsItCameFromTheApi() throws Exception {
    open("accounts/acme?tab=keys");
    Download saved = page.waitForDownload(() -> button("CSV").first().click());

    assertThat(saved.suggestedFilename()).isEqualTo("acme-keys.csv");
    List<String> lines = Files.readAllLines(saved.path());
    assertThat(lines.get(0)).contains("name").contains("fingerprint");
    assertThat(lines).anyMatch(line -> line.contains("acme-prod"));
  }

  @Test
  @Order(12)
  void aBreachIsOnTheTour() throws Exception {
    String key = "sk-demo-kestrel-moderation-j7Ut";
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < MODERATION_QUOTA; i++) {
      String line = traffic.billedOf("kestrel", Instant.now()).text();
      lines.append(line.replaceFirst("sk-demo-[A-Za-z0-9-]+", key)).append('\n');
    }
    append(lines.toString().stripTrailing());
    open("alerts/quotas");
    for (int i = 0; i < ALERT_TRIES && page.getByText("moderation-hour").count() < 2; i++) {
      page.waitForTimeout(SECOND_MILLIS);
      page.reload();
      Browser.settle(page);
    }
    open("tour");
    assertThat(page.getByText("The quota moderation-hour of kestrel (60) was reached")).isVisible();
  }

  @Test
  @Order(13)
  void meteringIsKilledAndTheBillStays() throws Exception {
    open("tour");
    button("Kill metering").click();
    assertThat(page.getByText("Metering was killed.")).isVisible();
    // The button only leaves an order; taking it is the demonstration's part.
    assertThat(directory.resolve("kill-metering")).exists();
    assertThat(page.getByText("The bill is the same, to the last digit.")).isVisible();
    installation.kill("metering");
    append(traffic.billedOf(ACCOUNT, Instant.now()).text());

    page.getByText("Metering is back; it has caught up.")
        .waitFor(new Locator.WaitForOptions().setTimeout(RESTART_MILLIS));
    assertThat(page.getByText("What had been billed stayed as it was")).isVisible();
  }

  @ParameterizedTest
  @Order(14)
  @CsvSource({"light,en", "light,zh", "dark,en", "dark,zh"})
  void everyPageLooksAsItShould(String theme, String language) throws Exception {
    List<Map.Entry<String, String>> places =
        List.of(
            Map.entry("overview", "overview?span=30d&measure=cost"),
            Map.entry("live", "live"),
            Map.entry("accounts", "accounts"),
            Map.entry("account", "accounts/acme?span=30d"),
            Map.entry("account-keys", "accounts/acme?tab=keys"),
            Map.entry("account-bills", "accounts/acme?tab=bills"),
            Map.entry("account-ledger", "accounts/acme?tab=ledger"),
            Map.entry("key", "accounts/acme/keys/acme-prod?span=30d"),
            Map.entry("bill", "accounts/globex/bills/" + month),
            Map.entry("bills", "bills?account=globex"),
            Map.entry("catalogue", "catalogue/price-books"),
            Map.entry("price-book", "catalogue/price-books/list"),
            Map.entry("plans", "catalogue/plans"),
            Map.entry("operations", "operations"),
            Map.entry("sources", "operations/sources"),
            Map.entry("leakage", "operations/leakage"),
            Map.entry("suspense", "operations/suspense"),
            Map.entry("dead-letters", "operations/dead-letters"),
            Map.entry("unattributed", "operations/unattributed"),
            Map.entry("audit", "operations/audit"),
            Map.entry("incidents", "alerts"),
            Map.entry("quota-alerts", "alerts/quotas"),
            Map.entry("recipients", "alerts/recipients"),
            Map.entry("mutes", "alerts/mutes"),
            Map.entry("tour", "tour"));
    List<String> wrong = new ArrayList<>();
    Page shown = operator.newPage();
    shown.navigate("/");
    shown.evaluate(
        "([theme, language]) => { localStorage.setItem('taximeter-theme', theme);"
            + " localStorage.setItem('taximeter-language', language); }",
        List.of(theme, language));
    shown.reload();
    for (Map.Entry<String, String> place : places) {
      shown.navigate("/#/" + place.getValue());
      Browser.settle(shown);
      for (boolean phone : List.of(false, true)) {
        shown.setViewportSize(
            phone ? PHONE_WIDTH : DESKTOP_WIDTH, phone ? PHONE_HEIGHT : DESKTOP_HEIGHT);
        // Charts are drawn in the next frame.
        shown.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))");
        // The page before may have been there until then.
        Browser.settle(shown);
        String name = place.getKey() + "-" + theme + "-" + language + (phone ? "-phone" : "");
        shown.screenshot(
            new Page.ScreenshotOptions().setPath(SHOTS.resolve(name + ".png")).setFullPage(true));
        Number overflow =
            (Number) shown.evaluate("() => document.documentElement.scrollWidth - innerWidth");
        if (overflow.intValue() > 0) {
          wrong.add(name + " is " + overflow + " pixels too wide");
        }
        if (shown.locator(".failure").count() > 0) {
          wrong.add(name + " failed: " + shown.locator(".failure").first().innerText());
        }
        // Contrast depends on the theme, order and size on the layout, nothing on both.
        if (phone == theme.equals("dark") && phone == language.equals("zh")) {
          wrong.addAll(inaccessible(shown, name));
        }
      }
    }
    shown.evaluate("() => localStorage.clear()");
    shown.close();
    assertThat(wrong).isEmpty();
  }

  /** Findings that keep somebody out: serious and critical ones. */
  private static List<String> inaccessible(Page shown, String name) {
    List<String> found = new ArrayList<>();
    for (Rule rule : new AxeBuilder(shown).setLegacyMode(true).analyze().getViolations()) {
      if (rule.getImpact().equals("serious") || rule.getImpact().equals("critical")) {
        found.add(name + ": " + rule.getId() + " " + rule.getNodes().get(0).getHtml());
      }
    }
    return found;
  }

  private void append(String line) throws Exception {
    Files.writeString(log, line + "\n", StandardOpenOption.APPEND);
  }

  private BigDecimal balance(String account) throws Exception {
    return new BigDecimal(
        installation.api().get("/v1/accounts/" + account + "/balance").path("balance").asString());
  }

  /** As the page shows it: with every digit, and two at least. */
  private static String plain(BigDecimal amount) {
    BigDecimal shown = amount.stripTrailingZeros();
    return (shown.scale() < 2 ? shown.setScale(2) : shown).toPlainString().replace('-', '−');
  }

  private String signInLink() throws Exception {
    return installation.api().post("/v1/sign-in-codes", "{}").path("url").asString();
  }

  private static double firstPaintMillis(Page page) {
    Object paint =
        page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime");
    return ((Number) paint).doubleValue();
  }

  private static void signIn(Page browser, String link) {
    browser.navigate(link);
    browser.getByRole(AriaRole.BUTTON).click();
  }

  private void open(String place) {
    page.navigate("/#/" + place);
    Browser.settle(page);
  }

  private Locator link(String text) {
    return page.getByRole(AriaRole.LINK, named(text));
  }

  private Locator button(String text) {
    return page.getByRole(AriaRole.BUTTON, buttonOf(text));
  }

  private static Page.GetByRoleOptions buttonOf(String text) {
    return new Page.GetByRoleOptions().setName(text).setExact(true);
  }

  private static Locator.GetByRoleOptions button(String text, boolean exact) {
    return new Locator.GetByRoleOptions().setName(text).setExact(exact);
  }

  private static Page.GetByRoleOptions named(String text) {
    return new Page.GetByRoleOptions().setName(text).setExact(true);
  }

  private static Page.GetByRoleOptions named(Pattern text) {
    return new Page.GetByRoleOptions().setName(text);
  }

  private static Locator heading(Page browser, String text) {
    return browser.getByRole(AriaRole.HEADING, named(text));
  }

  private static Locator heading(Page browser, Pattern text) {
    return browser.getByRole(AriaRole.HEADING, named(text));
  }
}
