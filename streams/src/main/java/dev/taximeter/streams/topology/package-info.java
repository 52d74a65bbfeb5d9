/** The road from a raw line to an account's state, as one Kafka Streams topology. */
@NullMarked
package dev.taximeter.streams.topology;

import org.jspecify.annotations.NullMarked;
