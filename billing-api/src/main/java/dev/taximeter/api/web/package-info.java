/** What every answer shares: problems, headers, bounds, parameters. */
@NullMarked
package dev.taximeter.api.web;

import org.jspecify.annotations.NullMarked;
