/** Tokens of the API: made, listed and revoked by administrators; looked up by hash. */
@NullMarked
package dev.taximeter.api.tokens;

import org.jspecify.annotations.NullMarked;
