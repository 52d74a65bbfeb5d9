/** The metering process. */
@NullMarked
package dev.taximeter.streams;

import org.jspecify.annotations.NullMarked;
