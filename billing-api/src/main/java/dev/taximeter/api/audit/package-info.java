/**
 * Recomputes usage and money from the landed events, in SQL, and compares. Shares nothing with the
 * rating path: the files beside this package, and the replay of bills, are a second reading of the
 * rules.
 */
@NullMarked
package dev.taximeter.api.audit;

import org.jspecify.annotations.NullMarked;
