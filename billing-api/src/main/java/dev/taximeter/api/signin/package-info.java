/** Who is asking: holders of tokens, of API keys, and browser sessions opened by one-time codes. */
@NullMarked
package dev.taximeter.api.signin;

import org.jspecify.annotations.NullMarked;
