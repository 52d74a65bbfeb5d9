package dev.taximeter.api.web;

import java.time.Duration;
import java.util.List;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/** Lets pages of named origins ask from a browser. They bring a token; cookies are not sent. */
public final class CrossOrigin {
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private CrossOrigin() {}

  /**
   * @param origins such as {@code https://portal.example.com}
   */
  public static CorsFilter filter(List<String> origins) {
    CorsConfiguration cors = new CorsConfiguration();
    cors.setAllowedOrigins(origins);
    cors.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
    cors.setAllowedHeaders(
        List.of("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"));
    cors.setExposedHeaders(
        List.of("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"));
    cors.setAllowCredentials(false);
    cors.setMaxAge(REMEMBERED);
    UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
    source.registerCorsConfiguration("/v1/**", cors);
    return new CorsFilter(source);
  }
}
