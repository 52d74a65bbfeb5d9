/** The single writer of each account: the Kafka side of it. */
@NullMarked
package dev.taximeter.streams.account;

import org.jspecify.annotations.NullMarked;
