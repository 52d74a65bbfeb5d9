/** Thresholds of quotas that usage has reached. */
@NullMarked
package dev.taximeter.api.alerts;

import org.jspecify.annotations.NullMarked;
