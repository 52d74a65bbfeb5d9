/** Credits and the ledger of accounts. */
@NullMarked
package dev.taximeter.api.ledger;

import org.jspecify.annotations.NullMarked;
