package dev.taximeter.parse;

import dev.taximeter.contract.gateway.Vocabulary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What this parser knows of templates and dialects. */
final class ParserVocabulary implements Vocabulary {
  @Override
  public List<String> dialects() {
    return Dialects.names();
  }

  @Override
  public List<String> templates() {
    return Template.ids();
  }

  @Override
  public String text(String template) {
    return Template.named(template).text();
  }

  @Override
  public @Nullable String problem(String text) {
    try {
      Layout.of(text);
      return null;
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Override
  public @Nullable String payerProblem(String text, List<String> payer) {
    return Layout.of(text).payerProblem(payer);
  }
}
