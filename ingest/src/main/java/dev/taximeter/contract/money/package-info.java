/** Exact decimal money. */
@NullMarked
package dev.taximeter.contract.money;

import org.jspecify.annotations.NullMarked;
