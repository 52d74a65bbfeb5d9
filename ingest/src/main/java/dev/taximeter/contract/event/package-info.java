/** Records that travel between the processes, as JSON in Kafka. */
@NullMarked
package dev.taximeter.contract.event;

import org.jspecify.annotations.NullMarked;
