/** What only a demonstration can do: break its own parts on purpose. */
@NullMarked
package dev.taximeter.api.demonstration;

import org.jspecify.annotations.NullMarked;
