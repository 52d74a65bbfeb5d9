package dev.taximeter.api.clickhouse;

import dev.taximeter.api.catalog.CatalogHistory;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Versions of resources from {@code catalog}. */
public final class ClickHouseCatalogHistory implements CatalogHistory {
  private final ConnectionPool pool;

  public ClickHouseCatalogHistory(ConnectionPool pool) {
    this.pool = pool;
  }

  @Override
  public List<Revision> of(String recordId, boolean descending, @Nullable Long after, int most) {
    Sql sql =
        new Sql()
            .add("SELECT id, version, toUnixTimestamp64Milli(at), author, reason, command_id,")
            .add(" resource FROM catalog FINAL WHERE id = ?", recordId);
    if (after != null) {
      sql.add(descending ? " AND version < ?" : " AND version > ?", after);
    }
    sql.add(descending ? " ORDER BY version DESC LIMIT ?" : " ORDER BY version LIMIT ?", most);
    return pool.with(
        connection -> {
          List<Revision> revisions = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            sql.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                revisions.add(
                    new Revision(
                        row.getString(1),
                        row.getLong(2),
                        Instant.ofEpochMilli(row.getLong(3)),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7)));
              }
            }
          }
          return revisions;
        });
  }
}
