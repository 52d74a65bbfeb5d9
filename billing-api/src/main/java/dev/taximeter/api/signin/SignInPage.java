package dev.taximeter.api.signin;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Tells a person without a session how to get one. */
final class SignInPage {
  private static final byte[] HTML = read();

  private SignInPage() {}

  static void write(HttpServletResponse response, int status) throws IOException {
    response.setStatus(status);
    response.setContentType("text/html;charset=utf-8");
    response.getOutputStream().write(HTML);
  }

  private static byte[] read() {
    try (InputStream page = SignInPage.class.getResourceAsStream("sign-in.html")) {
      if (page == null) {
        throw new IllegalStateException("the program's archive lacks sign-in.html");
      }
      return page.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
