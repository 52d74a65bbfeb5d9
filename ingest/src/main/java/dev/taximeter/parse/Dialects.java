package dev.taximeter.parse;

import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.contract.gateway.Glob;
import java.util.List;

/** All dialects, and which upstream speaks which. Immutable. */
final class Dialects {
  /** What an upstream without a rule speaks. */
  private static final Dialect DEFAULT = new OpenAiDialect();

  private static final List<Dialect> ALL =
      List.of(
          DEFAULT,
          new AnthropicDialect(),
          new AnthropicOverOpenAiDialect(),
          new GeminiDialect(),
          new EmbeddingsDialect(),
          new TotalOnlyDialect());

  private final List<Rule> rules;

  Dialects(List<DialectRule> rules) {
    this.rules =
        rules.stream()
            .map(r -> new Rule(new Glob(r.upstreamCluster()), named(r.dialect())))
            .toList();
  }

  private record Rule(Glob cluster, Dialect dialect) {}

  static List<String> names() {
    return ALL.stream().map(Dialect::name).toList();
  }

  /**
   * @throws IllegalArgumentException if there is no such dialect
   */
  static Dialect named(String name) {
    for (Dialect dialect : ALL) {
      if (dialect.name().equals(name)) {
        return dialect;
      }
    }
    throw new IllegalArgumentException(
        "there is no dialect '%s'; use one of %s".formatted(name, names()));
  }

  /** The dialect of an upstream: the first rule that matches decides. */
  Dialect of(byte[] cluster, int from, int to) {
    for (Rule rule : rules) {
      if (rule.cluster.matches(cluster, from, to)) {
        return rule.dialect;
      }
    }
    return DEFAULT;
  }

  /** The reading that bills most, if any upstream could have answered. */
  Counted most(ReportedCounts reported) {
    Counted most = DEFAULT.count(reported);
    for (Rule rule : rules) {
      most = most.orMore(rule.dialect.count(reported));
    }
    return most;
  }
}
