/** Bills: pure functions of the account's live state until they are final. */
@NullMarked
package dev.taximeter.api.bills;

import org.jspecify.annotations.NullMarked;
