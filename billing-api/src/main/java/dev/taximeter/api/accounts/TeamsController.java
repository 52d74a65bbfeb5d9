package dev.taximeter.api.accounts;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.taximeter.api.catalog.CatalogSnapshot;
import dev.taximeter.api.catalog.CatalogView;
import dev.taximeter.api.catalog.Change;
import dev.taximeter.api.catalog.Resources;
import dev.taximeter.api.web.Listing;
import dev.taximeter.api.web.Page;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import dev.taximeter.api.web.Tagged;
import dev.taximeter.contract.catalog.ApiKey;
import dev.taximeter.contract.catalog.Catalog;
import dev.taximeter.contract.catalog.Team;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Teams, or projects: groups of an account's keys. */
@RestController
@Tag(name = "Teams")
public final class TeamsController {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

  private final CatalogView catalog;
  private final AccountDirectory directory;
  private final Resources resources;

  public TeamsController(CatalogView catalog, AccountDirectory directory, Resources resources) {
    this.catalog = catalog;
    this.directory = directory;
    this.resources = resources;
  }

  @Schema(name = "Team", description = "A group of an account's keys.")
  record TeamView(
      @Schema(example = "search") String id,
      @Schema(example = "acme") String account,
      @Schema(example = "Search team") String name,
      @Schema(description = "Names of its keys.") List<String> keys) {
    static TeamView of(Team team, CatalogSnapshot snapshot) {
      List<String> keys =
          snapshot.keys(team.account()).stream()
              .filter(key -> team.id().equals(key.team()))
              .map(ApiKey::name)
              .distinct()
              .toList();
      return new TeamView(team.id(), team.account(), team.name(), keys);
    }
  }

  @Schema(description = "One page of an account's teams, by id.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TeamList(
      List<TeamView> items,
      @Schema(description = "Pass as cursor for the next page; absent on the last.")
          @Nullable String next) {}

  @Schema(description = "A team to create or rename.")
  record TeamName(@Schema(example = "Search team") @Nullable String name) {}

  @Operation(summary = "List an account's teams")
  @GetMapping("/v1/accounts/{account}/teams")
  TeamList list(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(hidden = true) @Listing.By("id") Listing listing) {
    String id = directory.account(account).id();
    CatalogSnapshot snapshot = catalog.snapshot();
    Page<Team> page = Page.of(snapshot.teams(id).stream(), Team::id, listing);
    return new TeamList(page.shown(team -> TeamView.of(team, snapshot)), page.next());
  }

  @Operation(summary = "Read a team")
  @Tagged
  @GetMapping("/v1/accounts/{account}/teams/{team}")
  ResponseEntity<TeamView> get(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Team id.", example = "search") @PathVariable("team") String team) {
    String id = directory.account(account).id();
    return resources.answer(
        "team/" + team, snapshot -> TeamView.of(find(snapshot, id, team), snapshot));
  }

  private static Team find(CatalogSnapshot snapshot, String account, String team) {
    return snapshot.teams(account).stream()
        .filter(known -> known.id().equals(team))
        .findFirst()
        .orElseThrow(
            () ->
                ProblemException.of(
                    ProblemType.NOT_FOUND,
                    "Account %s has no such team; GET /v1/accounts/%s/teams lists all."
                        .formatted(account, account)));
  }

  @Operation(
      summary = "Create or rename a team",
      description = "The same again changes nothing. Keys are moved to it with PATCH of the key.")
  @Tagged
  @PutMapping("/v1/accounts/{account}/teams/{team}")
  ResponseEntity<TeamView> put(
      @Parameter(description = "Account id.", example = "acme") @PathVariable("account")
          String account,
      @Parameter(description = "Team id, unique among all teams.", example = "search")
          @PathVariable("team")
          String team,
      @RequestBody TeamName body,
      @Parameter(hidden = true) Change change) {
    if (!ID.matcher(team).matches()) {
      throw ProblemException.parameter(
          "team", "must be 1 to 64 of a-z 0-9 - _ . and begin with a letter or digit");
    }
    String record = "team/" + team;
    Team wanted =
        new Team(team, directory.account(account).id(), KeyNames.checked("name", body.name()));
    return resources.change(
        "teams/" + team,
        body,
        change,
        () -> {
          resources.write(record, change, snapshot -> Catalog.of(wanted));
          return resources.answer(record, snapshot -> TeamView.of(wanted, snapshot));
        });
  }
}
