/** Compact bytes for what only Taximeter's own processes write and read. */
@NullMarked
package dev.taximeter.contract.packed;

import org.jspecify.annotations.NullMarked;
