package dev.taximeter.api.bills.document;

import dev.taximeter.api.web.ProblemException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Languages that bills are written in. Amounts and times are the same in all of them. */
public enum BillLanguage {
  ENGLISH("en"),
  SIMPLIFIED_CHINESE("zh-CN");

  private final String tag;

  BillLanguage(String tag) {
    this.tag = tag;
  }

  /** BCP 47. */
  public String tag() {
    return tag;
  }

  /** The file of its labels. */
  String labels() {
    return "labels_" + primary() + ".properties";
  }

  private String primary() {
    return Locale.forLanguageTag(tag).getLanguage();
  }

  /**
   * Decides between what is asked for.
   *
   * @param parameter {@code lang}; null if it is not given
   * @param acceptLanguage the header; null if it is not given
   * @return English if nothing fits
   * @throws ProblemException if the parameter names no language that bills are written in
   */
  public static BillLanguage choose(@Nullable String parameter, @Nullable String acceptLanguage) {
    if (parameter != null) {
      BillLanguage language = of(Locale.forLanguageTag(parameter));
      if (language == null) {
        throw ProblemException.parameter("lang", "must be en or zh-CN");
      }
      return language;
    }
    for (Locale.LanguageRange range : ranges(acceptLanguage)) {
      BillLanguage language = of(Locale.forLanguageTag(range.getRange()));
      if (language != null && range.getWeight() > 0) {
        return language;
      }
    }
    return ENGLISH;
  }

  private static @Nullable BillLanguage of(Locale locale) {
    for (BillLanguage language : values()) {
      if (language.primary().equals(locale.getLanguage())) {
        return language;
      }
    }
    return null;
  }

  /** In the order in which the client likes them; a header that cannot be read says nothing. */
  private static List<Locale.LanguageRange> ranges(@Nullable String header) {
    try {
      return header == null || header.isBlank() ? List.of() : Locale.LanguageRange.parse(header);
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }
}
