/** Tokens of an identity provider: OpenID Connect and JWT access tokens. */
@NullMarked
package dev.taximeter.api.oidc;

import org.jspecify.annotations.NullMarked;
