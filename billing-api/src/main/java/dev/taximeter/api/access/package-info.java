/** Who may do what: one table of rights by route, and the one place that asks it. */
@NullMarked
package dev.taximeter.api.access;

import org.jspecify.annotations.NullMarked;
