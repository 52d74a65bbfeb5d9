/** Decides the fate of each raw line: parse, de-duplicate, attribute. */
@NullMarked
package dev.taximeter.streams.intake;

import org.jspecify.annotations.NullMarked;
