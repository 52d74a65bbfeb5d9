/** Conservation counts: what became of every line. */
@NullMarked
package dev.taximeter.api.accounting;

import org.jspecify.annotations.NullMarked;
