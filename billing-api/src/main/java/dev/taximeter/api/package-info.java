/** The billing API: live answers from Kafka views in memory, history from ClickHouse. */
@NullMarked
package dev.taximeter.api;

import org.jspecify.annotations.NullMarked;
