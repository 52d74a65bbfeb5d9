package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.AccessToken;
import dev.taximeter.contract.catalog.AccessToken.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What tokens of the API must fulfil. A token is made once and can then only be revoked: whoever
 * holds it keeps exactly the rights that it was made with. Pure.
 */
final class TokenRules {
  /** All of them are in every API's memory, some 500 bytes each. */
  static final int MOST_TOKENS = 2_000;

  private static final Pattern ID = Pattern.compile("tok_[0-9a-f]{16}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  private final CatalogueBook before;
  private final CatalogueBook after;
  private final Instant at;
  private final List<String> problems = new ArrayList<>();

  /**
   * @param at when the change would take effect
   */
  TokenRules(CatalogueBook before, CatalogueBook after, Instant at) {
    this.before = before;
    this.after = after;
    this.at = at;
  }

  /**
   * @param tokens of the command
   * @return one sentence per problem
   */
  List<String> problems(List<AccessToken> tokens) {
    if (tokens.isEmpty()) {
      return List.of();
    }
    tokens.forEach(this::check);
    checkTogether();
    return List.copyOf(problems);
  }

  private void check(AccessToken token) {
    require(ID.matcher(token.id()).matches(), "a token's id must be tok_ and 16 hex digits");
    require(
        AccessToken.isName(token.name()), "the name of a token must be %s", AccessToken.NAME_RULE);
    require(HASH.matcher(token.hash()).matches(), "a token's hash must be 64 hex digits");
    String account = token.account();
    require(
        account == null || after.account(account) != null,
        "token %s names the account %s, which does not exist",
        token.name(),
        account);
    require(
        account == null || token.role() != Role.ADMINISTRATOR,
        "an administrator's token cannot be bound to one account; token %s must be viewer or billing",
        token.name());
    AccessToken was = before.token(token.id());
    if (was == null) {
      require(token.isInForce(at), "token %s would have ended before it was made", token.name());
    } else {
      require(
          was.equals(token) || (was.revokedAt() == null && revoked(was, token).equals(token)),
          "token %s exists; it can only be revoked, once",
          was.name());
    }
  }

  private static AccessToken revoked(AccessToken was, AccessToken token) {
    Instant end = token.revokedAt();
    return end == null ? was : was.revoked(end);
  }

  private void checkTogether() {
    Set<String> names = new HashSet<>();
    Set<String> hashes = new HashSet<>();
    for (AccessToken token : after.tokens()) {
      require(hashes.add(token.hash()), "two tokens have the same secret");
      require(
          !token.isInForce(at) || names.add(token.name()),
          "there is a token named %s already; revoke it or choose another name",
          token.name());
    }
    require(
        names.size() <= MOST_TOKENS,
        "there may be at most %d tokens in force; revoke some",
        MOST_TOKENS);
  }

  private void require(boolean condition, String problem, @Nullable Object... values) {
    if (!condition) {
      problems.add(problem.formatted(values));
    }
  }
}
