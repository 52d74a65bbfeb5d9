/** The commands of {@code ./taximeter}. */
@NullMarked
package dev.taximeter.standalone.cli;

import org.jspecify.annotations.NullMarked;
