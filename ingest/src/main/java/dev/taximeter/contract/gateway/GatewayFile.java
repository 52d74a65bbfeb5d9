package dev.taximeter.contract.gateway;

import dev.taximeter.contract.event.LineSource;
import dev.taximeter.contract.settings.Environment;
import dev.taximeter.contract.settings.SettingsException;
import dev.taximeter.contract.yaml.Problems;
import dev.taximeter.contract.yaml.Value;
import dev.taximeter.contract.yaml.YamlFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The YAML file that says what the logs of an installation look like.
 *
 * @param templates those the file defines, beside the built-in ones
 * @param dialects how upstreams count, for sources without rules of their own: the first that
 *     matches decides
 * @param sources the first that matches decides
 */
public record GatewayFile(
    List<TemplateRule> templates, List<DialectRule> dialects, List<SourceRule> sources) {
  /** Names the file; without it every source is plain and has the default template. */
  public static final String VARIABLE = "TAXIMETER_GATEWAY_CONFIG";

  /** Nothing configured: plain lines of the default template. */
  public static final GatewayFile EMPTY = new GatewayFile(List.of(), List.of(), List.of());

  private static final String MEANING = "the path of a gateway configuration file";

  public GatewayFile {
    templates = List.copyOf(templates);
    dialects = List.copyOf(dialects);
    sources = List.copyOf(sources);
  }

  /**
   * Reads the file that {@value #VARIABLE} names.
   *
   * @param vocabulary null: templates and dialects are not checked, as by a shipper
   * @return what the file says; {@link #EMPTY} if the variable is not set
   * @throws SettingsException if the file cannot be read or anything in it is wrong
   */
  public static GatewayFile from(Environment environment, @Nullable Vocabulary vocabulary) {
    return environment.optional(VARIABLE) == null
        ? EMPTY
        : read(environment.file(VARIABLE, MEANING), vocabulary);
  }

  /**
   * @param vocabulary as in {@link #from}
   * @throws SettingsException if the file cannot be read or anything in it is wrong
   */
  public static GatewayFile read(Path file, @Nullable Vocabulary vocabulary) {
    String yaml;
    try {
      if (Files.size(file) > YamlFile.MOST_BYTES) {
        throw new SettingsException(
            "%s is larger than %d bytes; it must be a gateway configuration file"
                .formatted(file, YamlFile.MOST_BYTES));
      }
      yaml = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SettingsException(
          file + " cannot be read as text; it must be a gateway configuration file in UTF-8");
    }
    return read(yaml, file.toString(), vocabulary);
  }

  /**
   * @param yaml the file's content
   * @param fileName for messages
   * @param vocabulary as in {@link #from}
   * @throws SettingsException if anything is wrong; it tells all of it, one sentence a line
   */
  public static GatewayFile read(String yaml, String fileName, @Nullable Vocabulary vocabulary) {
    Problems problems = new Problems(fileName);
    Node root = YamlFile.compose(yaml, problems);
    throwIfAny(problems);
    if (root == null) {
      problems.add(
          Optional.empty(), "the file is empty; a gateway file has templates, dialects or sources");
      throwIfAny(problems);
      return EMPTY;
    }
    GatewayFile file = new GatewayFileReader(vocabulary).read(new Value(problems, root, ""));
    throwIfAny(problems);
    return file;
  }

  private static void throwIfAny(Problems problems) {
    List<String> sentences = problems.sentences();
    if (!sentences.isEmpty()) {
      throw new SettingsException(String.join(System.lineSeparator(), sentences));
    }
  }

  /** The rule for a source; null if none matches: plain lines of the default template. */
  public @Nullable SourceRule ruleFor(LineSource source) {
    for (SourceRule rule : sources) {
      if (rule.matches(source)) {
        return rule;
      }
    }
    return null;
  }

  /** What a collector has wrapped around the lines of a source. */
  public LineFormat formatOf(LineSource source) {
    SourceRule rule = ruleFor(source);
    return rule == null ? LineFormat.PLAIN : rule.format();
  }
}
