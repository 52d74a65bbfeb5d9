package dev.taximeter.contract.event;

/**
 * Where a line came from.
 *
 * @param host machine that holds the file
 * @param path the file's path there
 */
public record LineSource(String host, String path) {}
