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

  private static final String HTML = read();

  private SignInPage() {}

  static void write(HttpServletRequest request, HttpServletResponse response, int status)
      throws IOException {
    String host = request.getHeader("Host");
    String page =
        host != null && HOST.matcher(host).matches()
            ? HTML.replace(ORIGIN, request.getScheme() + "://" + host)
            : HTML;
    response.setStatus(status);
    response.setContentType("text/html;charset=utf-8");
    response.getOutputStream().write(page.getBytes(StandardCharsets.UTF_8));
  }

  private static String read() {
    try (InputStream page = SignInPage.class.getResourceAsStream("sign-in.html")) {
      if (page == null) {
        throw new IllegalStateException("the program's archive lacks sign-in.html");
      }
      return new String(page.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
