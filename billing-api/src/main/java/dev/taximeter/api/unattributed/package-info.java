/** Usage of unknown keys, and claims to it. */
@NullMarked
package dev.taximeter.api.unattributed;

import org.jspecify.annotations.NullMarked;
