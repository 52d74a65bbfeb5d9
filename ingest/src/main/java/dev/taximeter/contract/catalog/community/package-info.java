/** Reads the community's list of model prices. */
@NullMarked
package dev.taximeter.contract.catalog.community;

import org.jspecify.annotations.NullMarked;
