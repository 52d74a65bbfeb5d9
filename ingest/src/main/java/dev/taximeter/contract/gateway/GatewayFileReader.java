package dev.taximeter.contract.gateway;

import dev.taximeter.contract.yaml.Fields;
import dev.taximeter.contract.yaml.Nearest;
import dev.taximeter.contract.yaml.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Turns the parsed file into rules. Used once. */
final class GatewayFileReader {
  /** Characters of a template; the longest seen has fewer than 3,000. */
  private static final int LONGEST_TEMPLATE = 65_536;

  /** Rules of one kind; each line's source is compared with all of them once. */
  private static final int MOST_RULES = 1_000;

  private static final int MOST_PAYER_FIELDS = 8;

  /** What is special in shells, and in the names of files to follow, but not in rules. */
  private static final Pattern OTHER_GLOB = Pattern.compile("[?\\[{]");

  private final @Nullable Vocabulary vocabulary;

  /** Text of each template that the file defines; null if it is wrong. */
  private final Map<String, @Nullable String> texts = new HashMap<>();

  GatewayFileReader(@Nullable Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  private interface ElementReader<T> {
    @Nullable T read(Value element);
  }

  GatewayFile read(Value root) {
    Fields file = root.fields("a gateway file", "templates", "dialects", "sources");
    if (file == null) {
      return GatewayFile.EMPTY;
    }
    List<TemplateRule> templates = each(file.optional("templates"), this::template);
    List<DialectRule> dialects = each(file.optional("dialects"), this::dialect);
    return new GatewayFile(templates, dialects, each(file.optional("sources"), this::source));
  }

  private static <T> List<T> each(@Nullable Value list, ElementReader<T> reader) {
    List<T> rules = new ArrayList<>();
    List<Value> elements = list == null ? List.of() : list.elements();
    if (list != null && elements.size() > MOST_RULES) {
      list.problem("has %d elements, more than %d".formatted(elements.size(), MOST_RULES));
      return rules;
    }
    for (Value element : elements) {
      T rule = reader.read(element);
      if (rule != null) {
        rules.add(rule);
      }
    }
    return rules;
  }

  private @Nullable TemplateRule template(Value element) {
    Fields fields = element.fields("a template", "id", "text", "payer");
    if (fields == null) {
      return null;
    }
    Value idValue = fields.required("id");
    String id = idValue == null ? null : idValue.id();
    if (idValue != null && id != null) {
      if (texts.containsKey(id)) {
        idValue.problem("is the id of an earlier template: " + id);
      } else if (vocabulary != null && vocabulary.templates().contains(id)) {
        idValue.problem("is the id of a built-in template, choose another: " + id);
      }
    }
    Value textValue = fields.required("text");
    String text = textValue == null ? null : text(textValue);
    if (id != null) {
      texts.put(id, text);
    }
    Value payerValue = fields.required("payer");
    List<String> payer = payerValue == null ? null : payer(payerValue, text);
    return id == null || text == null || payer == null ? null : new TemplateRule(id, text, payer);
  }

  private @Nullable String text(Value value) {
    String text = value.scalar();
    if (text == null) {
      return null;
    }
    if (text.length() > LONGEST_TEMPLATE) {
      value.problem("has more than %d characters".formatted(LONGEST_TEMPLATE));
      return null;
    }
    String problem = vocabulary == null ? null : vocabulary.problem(text);
    if (problem != null) {
      value.problem("cannot be used: " + problem);
      return null;
    }
    return text;
  }

  /** One field, or a list of them. */
  private @Nullable List<String> payer(Value value, @Nullable String text) {
    List<Value> elements = value.node() instanceof SequenceNode ? value.elements() : List.of(value);
    if (elements.isEmpty() || elements.size() > MOST_PAYER_FIELDS) {
      value.problem("must name 1 to %d fields of the template".formatted(MOST_PAYER_FIELDS));
      return null;
    }
    List<String> payer = new ArrayList<>();
    for (Value element : elements) {
      String field = element.text(Value.LONGEST_ID);
      if (field == null) {
        return null;
      }
      payer.add(field);
    }
    String problem =
        vocabulary == null || text == null ? null : vocabulary.payerProblem(text, payer);
    if (problem != null) {
      value.problem("cannot be used: the payer " + problem);
      return null;
    }
    return payer;
  }

  private @Nullable DialectRule dialect(Value element) {
    Fields fields = element.fields("a dialect rule", "upstreamCluster", "dialect");
    if (fields == null) {
      return null;
    }
    Value clusterValue = fields.required("upstreamCluster");
    String cluster = clusterValue == null ? null : clusterValue.text(Value.LONGEST_TEXT);
    Value nameValue = fields.required("dialect");
    String name = nameValue == null ? null : nameValue.text(Value.LONGEST_ID);
    if (vocabulary != null && nameValue != null && name != null) {
      name = nameValue.oneOf(vocabulary.dialects(), vocabulary.dialects());
    }
    return cluster == null || name == null ? null : new DialectRule(cluster, name);
  }

  private @Nullable SourceRule source(Value element) {
    Fields fields =
        element.fields("a source", "host", "path", "format", "template", "payer", "dialects");
    if (fields == null) {
      return null;
    }
    String host = pattern(fields.optional("host"));
    String path = pattern(fields.optional("path"));
    Value formatValue = fields.optional("format");
    LineFormat format =
        formatValue == null
            ? LineFormat.PLAIN
            : formatValue.oneOf(List.of(LineFormat.values()), LineFormat.codes());
    Value templateValue = fields.optional("template");
    String template = templateValue == null ? null : knownTemplate(templateValue);
    Value payerValue = fields.optional("payer");
    if (payerValue != null && templateValue == null) {
      payerValue.problem("needs a template beside it, whose fields it names");
      return null;
    }
    List<String> payer = payerValue == null ? null : payer(payerValue, textOf(template));
    Value dialects = fields.optional("dialects");
    return host == null || path == null || format == null
        ? null
        : new SourceRule(
            host,
            path,
            format,
            template,
            payer,
            dialects == null ? null : each(dialects, this::dialect));
  }

  /** A glob; where none is given, it matches anything. */
  private static @Nullable String pattern(@Nullable Value value) {
    String text = value == null ? "*" : value.text(Value.LONGEST_TEXT);
    if (value != null && text != null && OTHER_GLOB.matcher(text).find()) {
      value.problem(
          "has a character of another kind of pattern, ? [ or {: only * is special here; write *"
              + " in its place");
      return null;
    }
    return text;
  }

  private @Nullable String knownTemplate(Value value) {
    String id = value.id();
    if (id == null || vocabulary == null || texts.containsKey(id)) {
      return id;
    }
    if (vocabulary.templates().contains(id)) {
      return id;
    }
    Set<String> known = new TreeSet<>(texts.keySet());
    known.addAll(vocabulary.templates());
    value.problem("names no template: " + Value.shown(id) + Nearest.hint(id, known));
    return null;
  }

  private @Nullable String textOf(@Nullable String template) {
    if (template == null || vocabulary == null) {
      return null;
    }
    return texts.containsKey(template) ? texts.get(template) : vocabulary.text(template);
  }
}
