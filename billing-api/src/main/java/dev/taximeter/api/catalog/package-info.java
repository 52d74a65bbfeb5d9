/** Reading the catalogue and asking for changes of it. */
@NullMarked
package dev.taximeter.api.catalog;

import org.jspecify.annotations.NullMarked;
