/** Fingerprints, line identities and sealed dead letters, all derived from one root secret. */
@NullMarked
package dev.taximeter.contract.security;

import org.jspecify.annotations.NullMarked;
