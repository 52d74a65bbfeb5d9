package dev.taximeter.api.signin;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Tells a person without a session how to get one. */
final class SignInPage {
  /** Stands for this server's address in the page. */
  private static final String ORIGIN = "http://127.0.0.1:8080";

  /** Everything that a host name may hold; nothing that could end up as markup. */
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:\\[\\]-]{1,255}");

  private static final String HTML = read("sign-in.html");

  /** Stands for the code in the page that asks whether to use it up. */
  private static final String CODE = "CODE";

  private static final String CODE_HTML = read("sign-in-code.html");

  /** As for other pages, but these pages' forms may be sent, and only to this server. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

  private SignInPage() {}

  static void write(HttpServletRequest request, HttpServletResponse response, int status)
      throws IOException {
    String host = request.getHeader("Host");
    String page =
        host != null && HOST.matcher(host).matches()
            ? HTML.replace(ORIGIN, request.getScheme() + "://" + host)
            : HTML;
    write(response, status, page);
  }

  /**
   * A page with a button that uses the code up.
   *
   * @param code one that was issued here: nothing in it could end up as markup
   */
  static void writeButton(HttpServletResponse response, String code) throws IOException {
    write(response, HttpServletResponse.SC_OK, CODE_HTML.replace(CODE, code));
  }

  private static void write(HttpServletResponse response, int status, String page)
      throws IOException {
    response.setHeader("Content-Security-Policy", POLICY);
    response.setStatus(status);
    response.setContentType("text/html;charset=utf-8");
    response.getOutputStream().write(page.getBytes(StandardCharsets.UTF_8));
  }

  private static String read(String name) {
    try (InputStream page = SignInPage.class.getResourceAsStream(name)) {
      if (page == null) {
        throw new IllegalStateException("the program's archive lacks " + name);
      }
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
