/** Sources of lines: how complete they are, what is missing of them, and their retirement. */
@NullMarked
package dev.taximeter.api.sources;

import org.jspecify.annotations.NullMarked;
