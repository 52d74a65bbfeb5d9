/** Ships files into the running system and waits until every line of them is accounted for. */
@NullMarked
package dev.taximeter.standalone.backfill;

import org.jspecify.annotations.NullMarked;
