/** The one JSON mapper and the Kafka serdes built on it. */
@NullMarked
package dev.taximeter.contract.json;

import org.jspecify.annotations.NullMarked;
