package dev.taximeter.api.catalog;

/** How far metering has come with the catalogue. */
public interface MeteringProgress {
  /** The catalogue version that every part of intake decides payers by. */
  long catalogVersion();

  /** Catalogue version of the terms that the account's usage is rated by; 0 if it has none. */
  long termsVersion(String account);
}
