/**
 * Ships lines of log files into Kafka, exactly once: by following files that a gateway writes, or
 * by reading finished files as a whole. Knows nothing of what is in a line.
 */
@NullMarked
package dev.taximeter.ship;

import org.jspecify.annotations.NullMarked;
