/** How often somebody may ask. */
@NullMarked
package dev.taximeter.api.limits;

import org.jspecify.annotations.NullMarked;
