/** Settings of this process. */
@NullMarked
package dev.taximeter.api.settings;

import org.jspecify.annotations.NullMarked;
