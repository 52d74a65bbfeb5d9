package dev.taximeter.api.access;

import static dev.taximeter.api.access.Right.ADMINISTER;
import static dev.taximeter.api.access.Right.API_KEY;
import static dev.taximeter.api.access.Right.READ;
import static dev.taximeter.api.access.Right.READ_ACCOUNT;
import static dev.taximeter.api.access.Right.READ_FILTERED;
import static dev.taximeter.api.access.Right.READ_OWN;
import static dev.taximeter.api.access.Right.SIGNED_IN;
import static dev.taximeter.api.access.Right.WRITE;
import static dev.taximeter.api.access.Right.WRITE_KEYS;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Every route and the right that it asks for. A route that is missing here is the administrators',
 * and a test fails.
 */
final class Rights {
  /** By method, space, pattern. */
  private static final Map<String, Right> ROUTES = routes();

  private Rights() {}

  private static Map<String, Right> routes() {
    Map<String, Right> routes = new HashMap<>();
    all(
        routes,
        SIGNED_IN,
        "POST /v1/sign-in-codes",
        "GET /v1/session",
        "POST /v1/session/end",
        "GET /v1/openapi.json",
        "GET /v1/openapi.json.yaml",
        "GET /v1/openapi.json/swagger-config",
        "GET /docs",
        "GET /error");
    accounts(routes);
    all(
        routes,
        READ_FILTERED,
        "GET /v1/alerts",
        "GET /v1/usage",
        "GET /v1/explain",
        "GET /v1/overview",
        "GET /v1/standing/balances",
        "GET /v1/standing/quotas");
    alerts(routes);
    all(
        routes,
        READ,
        "GET /metrics",
        "GET /v1/accounting",
        "GET /v1/audit",
        "GET /v1/catalog",
        "GET /v1/catalog/history",
        "GET /v1/cost-books",
        "GET /v1/cost-books/{book}",
        "GET /v1/dead-letters",
        "GET /v1/dead-letters/{id}",
        "GET /v1/leakage",
        "GET /v1/live",
        "GET /v1/margin",
        "GET /api/v1/meters/{meter}/query",
        "GET /v1/meters/{meter}/query",
        "GET /v1/operations",
        "GET /v1/organization/costs",
        "GET /v1/organization/usage/completions",
        "GET /v1/plans",
        "GET /v1/plans/{plan}",
        "GET /v1/price-books",
        "GET /v1/price-books/{book}",
        "GET /v1/sources",
        "GET /v1/sources/gaps",
        "GET /v1/status",
        "GET /v1/suspense",
        "GET /v1/suspense/{id}",
        "GET /v1/unattributed",
        "GET /v1/unattributed/{fingerprint}");
    all(
        routes,
        WRITE,
        "PUT /v1/catalog",
        "PUT /v1/cost-books/{book}",
        "PUT /v1/plans/{plan}",
        "PUT /v1/price-books/{book}",
        "POST /v1/price-books/{book}/imports",
        "POST /v1/unattributed/{fingerprint}/claim");
    all(
        routes,
        ADMINISTER,
        "GET /v1/audit-log",
        "POST /v1/demonstration/kill-metering",
        "POST /v1/dead-letters/replay",
        "POST /v1/sources/retire",
        "POST /v1/suspense/{id}/assign",
        "POST /v1/suspense/{id}/write-off",
        "GET /v1/tokens",
        "POST /v1/tokens",
        "GET /v1/tokens/{token}",
        "POST /v1/tokens/{token}/revoke");
    all(
        routes,
        API_KEY,
        "GET /v1/key",
        "GET /v1/dashboard/billing/subscription",
        "GET /v1/dashboard/billing/usage",
        "GET /dashboard/billing/subscription",
        "GET /dashboard/billing/usage");
    return Map.copyOf(routes);
  }

  private static void alerts(Map<String, Right> routes) {
    all(routes, READ_OWN, "GET /v1/incidents/{incident}");
    all(routes, READ_FILTERED, "GET /v1/incidents");
    // Where messages go from this machine, and what is kept from whom, is the operator's business.
    all(
        routes,
        READ,
        "GET /v1/mutes",
        "GET /v1/recipients",
        "GET /v1/recipients/{recipient}",
        "GET /v1/recipients/{recipient}/deliveries");
    all(
        routes,
        WRITE,
        "POST /v1/alerts/{alert}/acknowledgement",
        "POST /v1/mutes",
        "POST /v1/mutes/{mute}/end",
        "POST /v1/recipients",
        "PATCH /v1/recipients/{recipient}",
        "DELETE /v1/recipients/{recipient}",
        "POST /v1/recipients/{recipient}/rotation",
        "POST /v1/recipients/{recipient}/test",
        "POST /v1/recipients/{recipient}/deliveries/{delivery}/replay");
  }

  private static void accounts(Map<String, Right> routes) {
    all(routes, READ_OWN, "GET /v1/accounts");
    all(
        routes,
        READ_ACCOUNT,
        "GET /v1/accounts/{account}",
        "GET /v1/accounts/{account}/balance",
        "GET /v1/accounts/{account}/bills",
        "GET /v1/accounts/{account}/bills/{month}",
        "GET /v1/accounts/{account}/credits",
        "GET /v1/accounts/{account}/credits/{credit}",
        "GET /v1/accounts/{account}/key-states",
        "GET /v1/accounts/{account}/keys",
        "GET /v1/accounts/{account}/keys/{key}",
        "GET /v1/accounts/{account}/ledger",
        "GET /v1/accounts/{account}/quotas",
        "GET /v1/accounts/{account}/teams",
        "GET /v1/accounts/{account}/teams/{team}");
    all(
        routes,
        WRITE_KEYS,
        "POST /v1/accounts/{account}/keys",
        "PATCH /v1/accounts/{account}/keys/{key}",
        "POST /v1/accounts/{account}/keys/{key}/revocation",
        "POST /v1/accounts/{account}/keys/{key}/rotation");
    // What another price would mean is the operator's business.
    all(routes, READ, "GET /v1/accounts/{account}/bills/{month}/re-rating");
    all(
        routes,
        WRITE,
        "POST /v1/accounts",
        "PATCH /v1/accounts/{account}",
        "POST /v1/accounts/{account}/adjustments",
        "POST /v1/accounts/{account}/bills/{month}/credit-notes",
        "POST /v1/accounts/{account}/bills/{month}/finalize",
        "POST /v1/accounts/{account}/bills/{month}/re-rating",
        "POST /v1/accounts/{account}/bills/{month}/void",
        "POST /v1/accounts/{account}/credits",
        "POST /v1/accounts/{account}/debits",
        "POST /v1/accounts/{account}/plan-changes",
        "PUT /v1/accounts/{account}/teams/{team}");
  }

  private static void all(Map<String, Right> routes, Right right, String... asking) {
    for (String route : asking) {
      if (routes.put(route, right) != null) {
        throw new IllegalStateException(route + " is declared twice");
      }
    }
  }

  /** {@return what a route asks for; the most if it is not declared} */
  static Right of(String method, String pattern) {
    return ROUTES.getOrDefault(route(method, pattern), ADMINISTER);
  }

  /** {@return the routes that are declared, as {@code GET /v1/usage}} */
  static Set<String> declared() {
    return new TreeSet<>(ROUTES.keySet());
  }

  private static String route(String method, String pattern) {
    return (method.equals("HEAD") ? "GET" : method) + " " + pattern;
  }
}
