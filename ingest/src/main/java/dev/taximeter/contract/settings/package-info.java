/** Reading of process settings from the environment, with errors that say how to fix them. */
@NullMarked
package dev.taximeter.contract.settings;

import org.jspecify.annotations.NullMarked;
