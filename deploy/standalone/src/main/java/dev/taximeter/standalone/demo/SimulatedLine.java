package dev.taximeter.standalone.demo;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line that the invented gateway writes.
 *
 * @param text without end-of-line
 * @param completion when the request ended, which is when the gateway writes the line
 * @param key whose request it was; null if no customer's
 * @param model that answered; null if none did
 * @param inputTokens all of the prompt, cached or not; 0 if no model answered
 * @param outputTokens all of the answer; 0 if no model answered
 */
record SimulatedLine(
    String text,
    Instant completion,
    @Nullable DemoKey key,
    @Nullable DemoModel model,
    int inputTokens,
    int outputTokens) {}
