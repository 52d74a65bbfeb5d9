/** Live views in memory of what metering says, and commands to it: the Kafka side of the ports. */
@NullMarked
package dev.taximeter.api.kafka;

import org.jspecify.annotations.NullMarked;
