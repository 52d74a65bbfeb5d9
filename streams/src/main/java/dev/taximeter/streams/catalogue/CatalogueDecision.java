package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Instruction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a command does: all of it or nothing. Pure.
 *
 * @param after the catalogue from now on
 * @param records to publish; empty if refused or nothing changed
 * @param terms of the accounts concerned
 * @param instruction the command's order, checked, for the one who carries it out; null if there is
 *     none
 */
record CatalogueDecision(
    CatalogueBook after,
    CommandResult result,
    List<CatalogRecord> records,
    List<AccountTerms> terms,
    @Nullable Instruction instruction) {
  /**
   * @param at when it takes effect
   */
  static CatalogueDecision on(Command command, CatalogueBook before, Instant at) {
    List<String> outdated = outdated(command, before);
    if (!outdated.isEmpty()) {
      return refused(command, before, outdated);
    }
    Map<String, Resource> changes = before.changesBy(command.upsert(), at);
    CatalogueBook after = changes.isEmpty() ? before : before.with(changes);
    List<String> problems =
        new ArrayList<>(CatalogueRules.problems(before, command.upsert(), after, at));
    problems.addAll(OrderRouting.problems(command, after));
    if (!problems.isEmpty()) {
      return refused(command, before, problems);
    }
    CommandResult result =
        new CommandResult(
            command.id(), true, after.version(), List.copyOf(changes.keySet()), List.of());
    return new CatalogueDecision(
        after,
        result,
        records(command, after.version(), changes, at),
        after.termsAffectedBy(changes.keySet()),
        OrderRouting.instruction(command, after, result, at));
  }

  private static List<String> outdated(Command command, CatalogueBook before) {
    List<String> problems = new ArrayList<>();
    command
        .expected()
        .forEach(
            (id, version) -> {
              long found = before.changedIn().getOrDefault(id, 0L);
              if (found != version) {
                problems.add(
                    "%s was changed meanwhile: it is at version %d, not %d; read it again"
                        .formatted(id, found, version));
              }
            });
    return problems;
  }

  static CatalogueDecision refused(Command command, CatalogueBook before, List<String> problems) {
    return new CatalogueDecision(
        before,
        new CommandResult(command.id(), false, before.version(), List.of(), problems),
        List.of(),
        List.of(),
        null);
  }

  private static List<CatalogRecord> records(
      Command command, long version, Map<String, Resource> changes, Instant at) {
    List<CatalogRecord> records = new ArrayList<>();
    Iterator<Map.Entry<String, Resource>> rest = changes.entrySet().iterator();
    while (rest.hasNext()) {
      Map.Entry<String, Resource> change = rest.next();
      records.add(
          new CatalogRecord(
              change.getKey(),
              version,
              command.id(),
              command.author(),
              command.reason(),
              at,
              !rest.hasNext(),
              change.getValue()));
    }
    return records;
  }
}
