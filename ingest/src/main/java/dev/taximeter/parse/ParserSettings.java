package dev.taximeter.parse;

import dev.taximeter.contract.gateway.DialectRule;
import java.util.List;

/**
 * How the gateway writes its lines and how its upstreams count.
 *
 * @param template the access-log template as the gateway has it, on one line: a JSON object of text
 *     values. It serves both encodings
 * @param payer the template's fields that can name the payer's key, in order: the first that has a
 *     value decides
 * @param dialects which upstream counts how; the first rule that matches decides, and an upstream
 *     without a rule counts like OpenAI
 */
public record ParserSettings(String template, List<String> payer, List<DialectRule> dialects) {
  /** Higress 2.1.9 with a header for the key. */
  public static final String DEFAULT_TEMPLATE = Template.HIGRESS.text();

  /**
   * Checks that the three fit together.
   *
   * @throws IllegalArgumentException if the template cannot be used, the payer is not in it, or a
   *     dialect is unknown; the message says what to write instead
   */
  public ParserSettings {
    payer = List.copyOf(payer);
    dialects = List.copyOf(dialects);
    dialects.forEach(rule -> Dialects.named(rule.dialect()));
    Layout.of(template, payer);
  }

  public static ParserSettings defaults() {
    return of(Template.HIGRESS);
  }

  /** A built-in template with its own payer; every upstream counts like OpenAI. */
  public static ParserSettings of(Template template) {
    return new ParserSettings(template.text(), template.payer(), List.of());
  }

  public ParserSettings withTemplate(String newTemplate) {
    return new ParserSettings(newTemplate, payer, dialects);
  }

  public ParserSettings withPayer(String... newPayer) {
    return new ParserSettings(template, List.of(newPayer), dialects);
  }

  public ParserSettings withDialects(List<DialectRule> newDialects) {
    return new ParserSettings(template, payer, newDialects);
  }

  /** The names of all counting rules. */
  public static List<String> dialectNames() {
    return Dialects.names();
  }
}
