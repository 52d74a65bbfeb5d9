/** Usage, balances, bills and keys of the running system, for people. */
@NullMarked
package dev.taximeter.standalone.figures;

import org.jspecify.annotations.NullMarked;
