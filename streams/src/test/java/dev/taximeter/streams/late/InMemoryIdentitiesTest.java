package dev.taximeter.streams.late;

import java.time.Instant;
import java.util.List;

class InMemoryIdentitiesTest extends IdentitiesContract {
  @Override
  protected Identities holding(List<Landed> landed) {
    InMemoryIdentities identities = new InMemoryIdentities(Instant.now());
    landed.forEach(
        line -> identities.write(line.id(), line.fate().equals("quarantined"), line.arrival()));
    return identities;
  }
}
