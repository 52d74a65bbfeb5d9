/** Kafka to ClickHouse. */
@NullMarked
package dev.taximeter.streams.landing;

import org.jspecify.annotations.NullMarked;
