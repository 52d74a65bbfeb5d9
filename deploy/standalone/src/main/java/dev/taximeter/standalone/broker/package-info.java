/** A Kafka broker and controller in one process, for one machine. */
@NullMarked
package dev.taximeter.standalone.broker;

import org.jspecify.annotations.NullMarked;
