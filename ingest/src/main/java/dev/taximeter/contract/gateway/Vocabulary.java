package dev.taximeter.contract.gateway;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the reader of a gateway file knows of templates and dialects beyond the file. */
public interface Vocabulary {
  /** Names of all counting rules. */
  List<String> dialects();

  /** Ids of the built-in templates. */
  List<String> templates();

  /** Text of a built-in template. */
  String text(String template);

  /**
   * Checks a template.
   *
   * @return what is wrong with it, such as "the template has no field 'start_time'"; null if
   *     nothing is
   */
  @Nullable String problem(String text);

  /**
   * Checks the payer's fields against a template that can be used.
   *
   * @return what is wrong with them, to be read after "the payer"; null if nothing is
   */
  @Nullable String payerProblem(String text, List<String> payer);
}
