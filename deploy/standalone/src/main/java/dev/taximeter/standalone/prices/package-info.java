/** Prices of others, taken over into a running system. */
@NullMarked
package dev.taximeter.standalone.prices;

import org.jspecify.annotations.NullMarked;
