package dev.taximeter.contract.yaml;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Parses a YAML file without anchors, aliases or anything else that could make it expensive. */
public final class YamlFile {
  /** Size of a file, in bytes of UTF-8. */
  public static final int MOST_BYTES = 1024 * 1024;

  /** Nesting of lists and mappings; a catalogue needs 7. */
  private static final int DEEPEST = 16;

  private YamlFile() {}

  /**
   * Parses a file.
   *
   * @return its root; null if it is empty, or after a report
   */
  public static @Nullable Node compose(String yaml, Problems problems) {
    if (yaml.length() > MOST_BYTES || yaml.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      problems.add(Optional.empty(), "the file is larger than %d bytes".formatted(MOST_BYTES));
      return null;
    }
    LoadSettings settings =
        LoadSettings.builder()
            .setCodePointLimit(MOST_BYTES)
            .setMaxAliasesForCollections(0)
            .setAllowDuplicateKeys(true) // Reported with the field's path instead.
            .build();
    try {
      if (!hasHarmlessShape(new Parse(settings).parseString(yaml), problems)) {
        return null;
      }
      return new Compose(settings).composeString(yaml).orElse(null);
    } catch (MarkedYamlEngineException e) {
      problems.add(e.getProblemMark().or(e::getContextMark), "not valid YAML: " + explained(e));
    } catch (YamlEngineException e) {
      problems.add(Optional.empty(), "not valid YAML");
    }
    return null;
  }

  /** Refuses what would make composing expensive, before anything is composed. */
  private static boolean hasHarmlessShape(Iterable<Event> events, Problems problems) {
    int depth = 0;
    for (Event event : events) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        default -> {}
      }
      if (depth > DEEPEST) {
        problems.add(event.getStartMark(), "nested more than %d deep".formatted(DEEPEST));
        return false;
      }
      if (event.getEventId() == Event.ID.Alias
          || (event instanceof NodeEvent node && node.getAnchor().isPresent())) {
        problems.add(
            event.getStartMark(), "anchors and aliases are not allowed; quote a leading & or *");
        return false;
      }
    }
    return true;
  }

  /** The parser's own words, unless they would quote the file: it may be a raw key. */
  private static String explained(MarkedYamlEngineException e) {
    String problem = e.getProblem();
    boolean quotes =
        problem == null
            || List.of("alias", "tag", "key ", "URI", "handle").stream()
                .anyMatch(problem::contains);
    return quotes ? "check the quotes, colons and indentation here" : problem;
  }
}
