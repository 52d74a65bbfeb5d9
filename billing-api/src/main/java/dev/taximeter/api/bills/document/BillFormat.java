package dev.taximeter.api.bills.document;

import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.InvalidMimeTypeException;
import org.springframework.util.MimeTypeUtils;

/** What a bill can be had as. */
public enum BillFormat {
  JSON(MediaType.APPLICATION_JSON),
  CSV(new MediaType("text", "csv", StandardCharsets.UTF_8)),
  HTML(new MediaType("text", "html", StandardCharsets.UTF_8)),
  PDF(MediaType.APPLICATION_PDF);

  private static final String CHOICES = "json, csv, html or pdf";

  private final MediaType mediaType;

  BillFormat(MediaType mediaType) {
    this.mediaType = mediaType;
  }

  public MediaType mediaType() {
    return mediaType;
  }

  /** The name in addresses, and the ending of a file. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A month as the last part of an address, with the format that it may end in. */
  public record Named(String month, @Nullable BillFormat format) {
    /** Takes {@code 2026-11.pdf} apart; an ending that is no format stays with the month. */
    public static Named of(String text) {
      int dot = text.lastIndexOf('.');
      BillFormat format = dot < 0 ? null : find(text.substring(dot + 1));
      return format == null ? new Named(text, null) : new Named(text.substring(0, dot), format);
    }
  }

  /**
   * Decides between what is asked for: the address counts more than {@code Accept}.
   *
   * @param ending of the address; null if it has none
   * @param parameter {@code format}; null if it is not given
   * @param accept the header; null if it is not given
   * @throws ProblemException if ending and parameter differ, or nothing fits
   */
  public static BillFormat choose(
      @Nullable BillFormat ending, @Nullable String parameter, @Nullable String accept) {
    if (parameter != null) {
      BillFormat format = find(parameter);
      if (format == null) {
        throw ProblemException.parameter("format", "must be " + CHOICES);
      }
      if (ending != null && ending != format) {
        throw ProblemException.parameter(
            "format", "must be left out where the address ends in ." + ending.code());
      }
      return format;
    }
    return ending == null ? accepted(accept) : ending;
  }

  private static @Nullable BillFormat find(String code) {
    return Arrays.stream(values())
        .filter(format -> format.code().equals(code))
        .findFirst()
        .orElse(null);
  }

  /** The first that the client likes best; JSON where it does not care. */
  private static BillFormat accepted(@Nullable String accept) {
    if (accept == null || accept.isBlank()) {
      return JSON;
    }
    for (MediaType wanted : wanted(accept)) {
      for (BillFormat format : values()) {
        if (wanted.getQualityValue() > 0 && wanted.includes(format.mediaType)) {
          return format;
        }
      }
    }
    throw ProblemException.of(
        ProblemType.NOT_ACCEPTABLE,
        "Accept must allow application/json, text/csv, text/html or application/pdf; ?format= takes "
            + CHOICES
            + ".");
  }

  private static List<MediaType> wanted(String accept) {
    try {
      List<MediaType> types = MediaType.parseMediaTypes(accept);
      MimeTypeUtils.sortBySpecificity(types);
      return types.stream()
          .sorted((a, b) -> Double.compare(b.getQualityValue(), a.getQualityValue()))
          .toList();
    } catch (InvalidMediaTypeException | InvalidMimeTypeException e) {
      throw ProblemException.of(
          ProblemType.NOT_ACCEPTABLE, "Accept is no list of media types, such as text/html.");
    }
  }
}
