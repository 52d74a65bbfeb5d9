/** Deletes input that has been read, and finds input that was lost before it was. */
@NullMarked
package dev.taximeter.streams.retention;

import org.jspecify.annotations.NullMarked;
