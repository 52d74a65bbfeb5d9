/** What usage costs and where it counts: pure functions, no clock, no Kafka, no JSON. */
@NullMarked
package dev.taximeter.streams.account.policy;

import org.jspecify.annotations.NullMarked;
