/** Finds out why an installation cannot start or lags, and says what to do about it. */
@NullMarked
package dev.taximeter.standalone.doctor;

import org.jspecify.annotations.NullMarked;
