/** Dead letters: lines that were not metered, and their replay. */
@NullMarked
package dev.taximeter.api.deadletters;

import org.jspecify.annotations.NullMarked;
