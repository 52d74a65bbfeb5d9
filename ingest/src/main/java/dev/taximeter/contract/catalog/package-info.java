/** Accounts, keys, prices, plans, quotas and credits, and the file they are loaded from. */
@NullMarked
package dev.taximeter.contract.catalog;

import org.jspecify.annotations.NullMarked;
