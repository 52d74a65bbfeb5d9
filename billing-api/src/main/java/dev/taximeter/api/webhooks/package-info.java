/**
 * Who gets alerts, and how they get there: recipients, messages on their way, what was answered.
 */
@NullMarked
package dev.taximeter.api.webhooks;

import org.jspecify.annotations.NullMarked;
