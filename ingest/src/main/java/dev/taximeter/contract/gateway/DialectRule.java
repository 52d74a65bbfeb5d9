package dev.taximeter.contract.gateway;

/**
 * How one upstream, or several, count.
 *
 * @param upstreamCluster exact value of {@code upstream_cluster}, or a glob in which {@code *}
 *     stands for any characters
 * @param dialect name of a counting rule
 */
public record DialectRule(String upstreamCluster, String dialect) {}
