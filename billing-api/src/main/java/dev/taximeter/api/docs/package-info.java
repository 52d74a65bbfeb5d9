/** The OpenAPI document. */
@NullMarked
package dev.taximeter.api.docs;

import org.jspecify.annotations.NullMarked;
