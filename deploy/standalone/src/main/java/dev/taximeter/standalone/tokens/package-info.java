/** {@code taximeter token}: tokens of the API, made from the machine that it runs on. */
@NullMarked
package dev.taximeter.standalone.tokens;

import org.jspecify.annotations.NullMarked;
