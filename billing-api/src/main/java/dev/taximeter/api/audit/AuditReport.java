package dev.taximeter.api.audit;

import dev.taximeter.contract.json.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * What an audit found.
 *
 * @param differences all of them, unless {@code truncated}
 * @param truncated whether a check found more than it names
 * @param eventsChecked events within the account and month asked for
 * @param accountsChecked accounts of these
 * @param checks names of the checks that were run
 * @param notChecked one sentence each: what this audit could not tell
 */
public record AuditReport(
    List<Difference> differences,
    boolean truncated,
    long eventsChecked,
    long accountsChecked,
    List<String> checks,
    List<String> notChecked) {
  public AuditReport {
    differences = List.copyOf(differences);
    checks = List.copyOf(checks);
    notChecked = List.copyOf(notChecked);
  }

  /**
   * @return whether everything agrees
   */
  public boolean isClean() {
    return differences.isEmpty();
  }

  /**
   * @return lines for people: each difference, then what was checked and the verdict
   */
  public String toText() {
    List<String> lines = new ArrayList<>();
    differences.forEach(difference -> lines.add(difference.toString()));
    if (truncated) {
      lines.add("... and more: a check names " + Audit.MOST_DIFFERENCES + " differences at most");
    }
    notChecked.forEach(sentence -> lines.add("Not checked: " + sentence));
    lines.add(
        "%d events of %d accounts, %d checks: %s"
            .formatted(
                eventsChecked,
                accountsChecked,
                checks.size(),
                isClean() ? "no difference" : differences.size() + " differences"));
    return String.join(System.lineSeparator(), lines);
  }

  /**
   * @return one JSON object with the components of this record
   */
  public String toJson() {
    return Json.MAPPER.writeValueAsString(this);
  }
}
