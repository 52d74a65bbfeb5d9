package dev.taximeter.contract.yaml;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The fields of a mapping. Those it should not have are reported at once. */
public final class Fields {
  private static final Pattern HARMLESS_NAME = Pattern.compile("<<|[A-Za-z]{1,20}");

  private final Value mapping;
  private final Map<String, Value> values = new HashMap<>();

  /** Fields that others were probably meant to be: reported already. */
  private final Set<String> misspelt = new HashSet<>();

  Fields(Value mapping, MappingNode node, String kind, List<String> names) {
    this.mapping = mapping;
    for (NodeTuple tuple : node.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        mapping.problem("has a field name that is not a single value");
        continue;
      }
      String name = key.getValue();
      Value value = new Value(mapping.problems(), tuple.getValueNode(), child(name));
      if (!names.contains(name)) {
        mapping.problems().add(key.getStartMark(), unknown(name, kind, names));
      } else if (values.put(name, value) != null) {
        mapping.problems().add(key.getStartMark(), child(name) + " is given twice");
      }
    }
  }

  /**
   * A name that looks like no field of the file is not shown: it may be a raw key in the wrong
   * place, as in <code>{ name: dev, sk-1234 }</code>.
   */
  private String unknown(String name, String kind, List<String> names) {
    String nearest = Nearest.of(name, names);
    if (nearest != null) {
      misspelt.add(nearest);
    }
    boolean harmless = nearest != null || HARMLESS_NAME.matcher(name).matches();
    String subject = harmless ? child(name) : here() + "a field (name withheld)";
    return subject + " is not a field of " + kind + Nearest.hint(name, names);
  }

  private String here() {
    return mapping.path().isEmpty() ? "" : mapping.path() + ": ";
  }

  private String child(String name) {
    return mapping.path().isEmpty() ? name : mapping.path() + "." + name;
  }

  public void problem(String rest) {
    mapping.problem(rest);
  }

  /**
   * @return the field, or null if it is absent or empty
   */
  public @Nullable Value optional(String name) {
    Value value = values.get(name);
    return value == null || value.isNull() ? null : value;
  }

  /**
   * @return the field, or null if it is absent or empty, which is reported
   */
  public @Nullable Value required(String name) {
    Value value = optional(name);
    if (value == null && !misspelt.contains(name)) {
      mapping.problems().add(mapping.node().getStartMark(), child(name) + " is missing");
    }
    return value;
  }

  public List<Value> elements(String name) {
    Value value = optional(name);
    return value == null ? List.of() : value.elements();
  }
}
