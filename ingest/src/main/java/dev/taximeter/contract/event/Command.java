package dev.taximeter.contract.event;

import dev.taximeter.contract.catalog.Catalog;
import java.time.Instant;

/**
 * A change of the catalogue, asked for by a person. Decided by the catalogue's one writer; asking
 * twice with the same id changes nothing.
 *
 * @param id chosen by the sender, unique
 * @param author who asked
 * @param reason why; may be empty
 * @param at when it was asked
 * @param upsert what to create or replace; what it does not name stays as it is
 */
public record Command(String id, String author, String reason, Instant at, Catalog upsert) {}
