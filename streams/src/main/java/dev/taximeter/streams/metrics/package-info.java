/** Reads figures from what others measure. */
@NullMarked
package dev.taximeter.streams.metrics;

import org.jspecify.annotations.NullMarked;
