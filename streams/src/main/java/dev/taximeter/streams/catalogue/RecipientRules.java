package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.Recipient;
import dev.taximeter.contract.catalog.Recipient.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What recipients of alerts must fulfil. Pure. */
final class RecipientRules {
  /** Each alert is sent to all of them. */
  static final int MOST_OF_AN_ACCOUNT = 20;

  /** Of the installation itself. */
  static final int MOST_OF_THE_INSTALLATION = 50;

  /** All of them are in every API's memory, some 1 kB each; removed ones count. */
  static final int MOST_RECIPIENTS = 20_000;

  private static final int LONGEST_NAME = 64;

  private final CatalogueBook before;
  private final CatalogueBook after;
  private final List<String> problems = new ArrayList<>();

  private RecipientRules(CatalogueBook before, CatalogueBook after) {
    this.before = before;
    this.after = after;
  }

  /**
   * @param recipients of the command
   * @return one sentence per problem
   */
  static List<String> problems(
      CatalogueBook before, CatalogueBook after, List<Recipient> recipients) {
    if (recipients.isEmpty()) {
      return List.of();
    }
    RecipientRules rules = new RecipientRules(before, after);
    recipients.forEach(rules::check);
    rules.checkTogether();
    return List.copyOf(rules.problems);
  }

  private void check(Recipient recipient) {
    require(
        Recipient.ID.matcher(recipient.id()).matches(),
        "a recipient's id must be rcp_ and 16 hex digits");
    require(
        !recipient.name().isBlank() && recipient.name().length() <= LONGEST_NAME,
        "the name of a recipient must have 1 to %d characters",
        LONGEST_NAME);
    String account = recipient.account();
    require(
        account == null || after.account(account) != null,
        "recipient %s names the account %s, which does not exist",
        recipient.name(),
        account);
    Recipient was = before.recipient(recipient.id());
    if (was != null) {
      require(
          was.channel() == recipient.channel() && same(was.account(), account),
          "recipient %s keeps its channel and its account; make another one",
          was.name());
      require(
          was.status() != Status.REMOVED || was.equals(recipient),
          "recipient %s was removed; make another one",
          was.name());
    }
  }

  private static boolean same(@Nullable String one, @Nullable String other) {
    return one == null ? other == null : one.equals(other);
  }

  private void checkTogether() {
    List<Recipient> all = after.recipients();
    require(
        all.size() <= MOST_RECIPIENTS,
        "there may be at most %d recipients, removed ones included",
        MOST_RECIPIENTS);
    Map<String, Integer> counts = new HashMap<>();
    for (Recipient recipient : all) {
      if (recipient.status() != Status.REMOVED) {
        counts.merge(recipient.account() == null ? "" : recipient.account(), 1, Integer::sum);
      }
    }
    counts.forEach(
        (account, count) -> {
          int most = account.isEmpty() ? MOST_OF_THE_INSTALLATION : MOST_OF_AN_ACCOUNT;
          require(
              count <= most,
              "%s may have at most %d recipients of alerts; remove some",
              account.isEmpty() ? "the installation" : "account " + account,
              most);
        });
  }

  private void require(boolean condition, String problem, @Nullable Object... values) {
    if (!condition) {
      problems.add(problem.formatted(values));
    }
  }
}
