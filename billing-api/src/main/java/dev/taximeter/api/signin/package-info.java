/** Who is asking: the administrator's token, and browser sessions opened by one-time codes. */
@NullMarked
package dev.taximeter.api.signin;

import org.jspecify.annotations.NullMarked;
