/** Lines in suspense, and decisions about them. */
@NullMarked
package dev.taximeter.api.suspense;

import org.jspecify.annotations.NullMarked;
