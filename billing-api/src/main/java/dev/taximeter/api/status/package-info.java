/** How far this process has come. */
@NullMarked
package dev.taximeter.api.status;

import org.jspecify.annotations.NullMarked;
