/** What is earned over what the provider charges. */
@NullMarked
package dev.taximeter.api.margin;

import org.jspecify.annotations.NullMarked;
