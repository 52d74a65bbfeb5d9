package dev.taximeter.contract.event;

import java.util.List;

/**
 * The writer's decision. All or nothing: a refused command changed nothing.
 *
 * @param id the command's
 * @param accepted whether it took effect
 * @param catalogVersion catalogue version after the command
 * @param changed ids of the records that changed, such as {@code account/acme}
 * @param problems one sentence each: what is wrong and where; empty if accepted
 */
public record CommandResult(
    String id, boolean accepted, long catalogVersion, List<String> changed, List<String> problems) {
  public CommandResult {
    changed = List.copyOf(changed);
    problems = List.copyOf(problems);
  }
}
