/** Bills: pure functions of the account's live state. */
@NullMarked
package dev.taximeter.api.bills;

import org.jspecify.annotations.NullMarked;
