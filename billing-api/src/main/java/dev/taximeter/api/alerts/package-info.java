/**
 * What is wrong: thresholds of quotas that usage has reached, and incidents, which begin and end;
 * what people say about both.
 */
@NullMarked
package dev.taximeter.api.alerts;

import org.jspecify.annotations.NullMarked;
