package dev.taximeter.parse;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.gateway.DialectRule;
import dev.taximeter.contract.gateway.GatewayFile;
import dev.taximeter.contract.gateway.LineFormat;
import dev.taximeter.contract.gateway.SourceRule;
import dev.taximeter.contract.gateway.TemplateRule;
import dev.taximeter.contract.settings.Environment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which parser reads which source. A template is chosen by where a line comes from, and never tried
 * one after another: what fails its template is salvaged. Thread-safe.
 */
public final class GatewayConfiguration {
  /** Sources whose parser is remembered; those beyond are looked up for each line. */
  private static final int MOST_REMEMBERED = 10_000;

  private final GatewayFile file;
  private final Map<String, TemplateRule> templates = new HashMap<>();
  private final Map<String, TemplateReport> reports = new TreeMap<>();
  private final AccessLogParser fallback;

  private final Map<AccessLogParser, ParserSettings> settings = new IdentityHashMap<>();

  /** In the order of the file's sources. */
  private final List<AccessLogParser> parsers;

  private final Map<LineSource, AccessLogParser> remembered = new ConcurrentHashMap<>();

  private GatewayConfiguration(GatewayFile file) {
    this.file = file;
    for (Template template : Template.values()) {
      templates.put(
          template.id(), new TemplateRule(template.id(), template.text(), template.payer()));
    }
    file.templates().forEach(rule -> templates.put(rule.id(), rule));
    Map<ParserSettings, AccessLogParser> shared = new HashMap<>();
    fallback = parser(shared, null);
    parsers = file.sources().stream().map(rule -> parser(shared, rule)).toList();
  }

  /** Nothing configured: every source is plain and has the default template. */
  public static GatewayConfiguration defaults() {
    return new GatewayConfiguration(GatewayFile.EMPTY);
  }

  /**
   * The configuration of this process.
   *
   * @return what {@value GatewayFile#VARIABLE} names; the defaults if it is not set
   * @throws dev.taximeter.contract.settings.SettingsException if anything in it is wrong
   */
  public static GatewayConfiguration from(Environment environment) {
    return new GatewayConfiguration(GatewayFile.from(environment, new ParserVocabulary()));
  }

  /**
   * @throws dev.taximeter.contract.settings.SettingsException if the file cannot be read or
   *     anything in it is wrong; the message has one sentence a line
   */
  public static GatewayConfiguration read(Path file) {
    return new GatewayConfiguration(GatewayFile.read(file, new ParserVocabulary()));
  }

  /**
   * @param yaml the file's content
   * @param fileName for messages
   * @throws dev.taximeter.contract.settings.SettingsException if anything is wrong
   */
  public static GatewayConfiguration read(String yaml, String fileName) {
    return new GatewayConfiguration(GatewayFile.read(yaml, fileName, new ParserVocabulary()));
  }

  /** The parser of a source's lines. */
  public AccessLogParser parserFor(LineSource source) {
    AccessLogParser known = remembered.get(source);
    if (known != null) {
      return known;
    }
    AccessLogParser found = find(source);
    if (remembered.size() < MOST_REMEMBERED) {
      remembered.put(source, found);
    }
    return found;
  }

  private AccessLogParser find(LineSource source) {
    for (int i = 0; i < parsers.size(); i++) {
      if (file.sources().get(i).matches(source)) {
        return parsers.get(i);
      }
    }
    return fallback;
  }

  /** What the parser of a source's lines works by. */
  public ParserSettings settingsFor(LineSource source) {
    ParserSettings found = settings.get(parserFor(source));
    if (found == null) {
      throw new IllegalStateException("every parser was made from settings");
    }
    return found;
  }

  /** What a collector has wrapped around the lines of a source. */
  public LineFormat formatOf(LineSource source) {
    return file.formatOf(source);
  }

  /** What the templates in use lose or risk, by the id of the template. */
  public Map<String, TemplateReport> templateReports() {
    return Collections.unmodifiableMap(reports);
  }

  private AccessLogParser parser(
      Map<ParserSettings, AccessLogParser> shared, @Nullable SourceRule rule) {
    String id = rule == null || rule.template() == null ? Template.HIGRESS.id() : rule.template();
    TemplateRule template = templates.get(id);
    if (template == null) {
      throw new IllegalStateException("the reader has let an unknown template pass: " + id);
    }
    List<String> payer = rule == null || rule.payer() == null ? template.payer() : rule.payer();
    List<DialectRule> dialects =
        rule == null || rule.dialects() == null ? file.dialects() : rule.dialects();
    reports.putIfAbsent(id, TemplateReport.of(template.text(), payer));
    ParserSettings made = new ParserSettings(template.text(), payer, dialects);
    AccessLogParser parser = shared.computeIfAbsent(made, AccessLogParser::new);
    settings.put(parser, made);
    return parser;
  }
}
