package dev.taximeter.contract.catalog;

/**
 * A group of an account's keys: a team, or a project.
 *
 * @param id unique among all teams
 * @param account id of the account it belongs to
 * @param name for people
 */
public record Team(String id, String account, String name) {}
