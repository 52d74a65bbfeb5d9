/** Reads the catalogue file that operators write, and says everything that is wrong with it. */
@NullMarked
package dev.taximeter.contract.catalog.file;

import org.jspecify.annotations.NullMarked;
