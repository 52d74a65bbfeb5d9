package dev.taximeter.api.usage;

import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.contract.catalog.ApiKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers the usage of keys into that of the teams which have them now. */
final class ByTeam {
  private final CatalogSnapshot catalog;
  private final Map<String, Map<String, ApiKey>> keys = new HashMap<>();

  ByTeam(CatalogSnapshot catalog) {
    this.catalog = catalog;
  }

  private record Group(
      long start,
      String account,
      @Nullable String key,
      @Nullable String model,
      @Nullable String team) {}

  /**
   * @param byKey usage of single keys
   * @param only id of the one team to keep; null for all
   * @param showTeam whether teams get rows of their own
   * @param showKey whether keys get rows of their own
   */
  List<UsageSum> gather(
      List<UsageSum> byKey, @Nullable String only, boolean showTeam, boolean showKey) {
    Map<Group, UsageSum> gathered = new LinkedHashMap<>();
    for (UsageSum sum : byKey) {
      String team = teamOf(sum);
      if (only == null || only.equals(team)) {
        UsageSum shown = sum.of(showTeam ? team : null, showKey);
        Group group =
            new Group(shown.start(), shown.account(), shown.key(), shown.model(), shown.team());
        gathered.merge(group, shown, UsageSum::plus);
      }
    }
    return new ArrayList<>(gathered.values());
  }

  private @Nullable String teamOf(UsageSum sum) {
    ApiKey key = keys.computeIfAbsent(sum.account(), this::keysOf).get(sum.key());
    return key == null ? null : key.team();
  }

  /** Of keys with the same name, the one that is in use: it has replaced the others. */
  private Map<String, ApiKey> keysOf(String account) {
    Map<String, ApiKey> byName = new HashMap<>();
    for (ApiKey key : catalog.keys(account)) {
      byName.merge(key.name(), key, (one, other) -> one.replacedBy() == null ? one : other);
    }
    return byName;
  }
}
