/** Accounts, their keys and balances. */
@NullMarked
package dev.taximeter.api.accounts;

import org.jspecify.annotations.NullMarked;
