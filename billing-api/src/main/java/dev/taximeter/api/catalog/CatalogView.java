package dev.taximeter.api.catalog;

/** The catalogue as far as this process has seen it. */
public interface CatalogView {
  /** The latest complete version. */
  CatalogSnapshot snapshot();

  /** Every price that it ever had. */
  PriceVersions priceVersions();
}
