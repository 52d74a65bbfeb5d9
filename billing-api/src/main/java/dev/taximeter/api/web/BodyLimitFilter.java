package dev.taximeter.api.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.web.filter.OncePerRequestFilter;

/** Bounds what a request may send, whether or not it declares its length. */
public final class BodyLimitFilter extends OncePerRequestFilter {
  /** Largest body, in bytes: a thousand identities of lines have 40 kB. */
  static final int MOST_BYTES = 256 * 1024;

  /** Largest catalogue file and book, in bytes. Only operators write these. */
  public static final int MOST_BYTES_OF_CATALOGUE = 2 * 1024 * 1024;

  /** Largest price file, in bytes: the community's has about 2 MB and grows. */
  static final int MOST_BYTES_OF_PRICES = 16 * 1024 * 1024;

  private static final Pattern CATALOGUE =
      Pattern.compile("/v1/catalog|/v1/(?:price|cost)-books/[^/]+");

  private static final Pattern PRICES = Pattern.compile("/v1/price-books/[^/]+/imports");

  /** The body went on beyond the bound. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    private final int most;

    TooLargeException(int most) {
      this.most = most;
    }

    String detail() {
      return "A body may have at most %,d bytes.".formatted(most);
    }
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    int most = most(request.getRequestURI());
    if (request.getContentLengthLong() > most) {
      Problems.write(
          response,
          Problem.of(ProblemType.BODY_TOO_LARGE, new TooLargeException(most).detail(), List.of()));
      return;
    }
    chain.doFilter(new Bounded(request, most), response);
  }

  private static int most(String path) {
    if (PRICES.matcher(path).matches()) {
      return MOST_BYTES_OF_PRICES;
    }
    return CATALOGUE.matcher(path).matches() ? MOST_BYTES_OF_CATALOGUE : MOST_BYTES;
  }

  private static final class Bounded extends HttpServletRequestWrapper {
    private final int most;

    Bounded(HttpServletRequest request, int most) {
      super(request);
      this.most = most;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      return new BoundedStream(super.getInputStream(), most);
    }

    @Override
    public BufferedReader getReader() throws IOException {
      return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
    }
  }

  private static final class BoundedStream extends ServletInputStream {
    private final ServletInputStream stream;
    private final int most;
    private long read;

    BoundedStream(ServletInputStream stream, int most) {
      this.stream = stream;
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      int value = stream.read();
      count(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = stream.read(bytes, offset, length);
      count(Math.max(0, count));
      return count;
    }

    private void count(int bytes) throws TooLargeException {
      read += bytes;
      if (read > most) {
        throw new TooLargeException(most);
      }
    }

    @Override
    public boolean isFinished() {
      return stream.isFinished();
    }

    @Override
    public boolean isReady() {
      return stream.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      stream.setReadListener(listener);
    }
  }
}
