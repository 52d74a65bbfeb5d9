package dev.taximeter.standalone.endtoend;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/**
 * The machine's own Chromium. What its pages complain of, and what they ask of other servers, is
 * kept: there must be none.
 */
final class Browser implements AutoCloseable {
  private static final List<String> PLACES =
      List.of(
          "/usr/bin/chromium",
          "/usr/bin/chromium-browser",
          "/usr/bin/google-chrome",
          "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");

  private static final double PATIENCE_MILLIS = 60_000;

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;
  private final URI home;
  private final Queue<String> complaints = new ConcurrentLinkedQueue<>();

  /** Where a Chromium is, if there is one; {@code CHROMIUM} names another. */
  static Optional<Path> installed() {
    return Stream.concat(Stream.ofNullable(System.getenv("CHROMIUM")), PLACES.stream())
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * @param home the only server that pages may talk to
   */
  Browser(Path chromium, URI home) {
    this.home = home;
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    this.playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    this.browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium)
                    // Tests of a container run as root, where Chromium's own sandbox cannot.
                    .setArgs(List.of("--no-sandbox", "--force-prefers-reduced-motion")));
  }

  /** A fresh profile: nothing cached, nobody signed in. */
  BrowserContext person(int width, int height, String language, ColorScheme theme) {
    BrowserContext context =
        browser.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setBaseURL(home.toString())
                .setViewportSize(width, height)
                .setLocale(language)
                .setColorScheme(theme));
    context.setDefaultTimeout(PATIENCE_MILLIS);
    context.onRequest(
        request -> {
          if (!request.url().startsWith(home.toString())
              && !request.url().startsWith("data:")
              && !request.url().startsWith("blob:")
              && !request.url().equals("about:blank")) {
            complaints.add("asked elsewhere: " + request.url());
          }
        });
    context.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            complaints.add(message.type() + ": " + message.text() + " at " + message.location());
          }
        });
    context.onWebError(error -> complaints.add("uncaught: " + error.error()));
    return context;
  }

  /** {@return what pages complained of since the last call} */
  List<String> complaints() {
    List<String> taken = List.copyOf(complaints);
    complaints.clear();
    return taken;
  }

  /** Waits until nothing on the page is loading. */
  static void settle(Page page) {
    page.waitForFunction(
        "() => document.querySelector('h1')"
            + " && !document.querySelector('.state.loading, .part[aria-busy=true]')");
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
