/** The one writer of the catalogue. */
@NullMarked
package dev.taximeter.streams.catalogue;

import org.jspecify.annotations.NullMarked;
