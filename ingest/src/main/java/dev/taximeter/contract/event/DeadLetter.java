package dev.taximeter.contract.event;

/**
 * A rejected line, kept so that it can be replayed.
 *
 * @param fate what was decided, with its reason
 * @param excerpt the line's shape for people: letters and digits masked, at most 200 characters
 * @param sealedFrame the raw record's value, encrypted by {@link
 *     dev.taximeter.contract.security.Sealer}, base64
 */
public record DeadLetter(LineFate fate, String excerpt, String sealedFrame) {}
