/** What usage costs at the catalogue's prices: pure functions, no clock, no Kafka, no JSON. */
@NullMarked
package dev.taximeter.contract.rating;

import org.jspecify.annotations.NullMarked;
