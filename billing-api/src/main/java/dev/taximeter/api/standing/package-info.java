/** Where accounts stand: what is left, how long it lasts, and how much of each quota is used. */
@NullMarked
package dev.taximeter.api.standing;

import org.jspecify.annotations.NullMarked;
