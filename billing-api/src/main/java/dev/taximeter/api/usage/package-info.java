/** Usage over time. */
@NullMarked
package dev.taximeter.api.usage;

import org.jspecify.annotations.NullMarked;
