package dev.taximeter.standalone.tokens;

import picocli.CommandLine.Command;

/** {@code token}: tokens of the API. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = CreateCommand.class,
    description = "Makes tokens of the API.")
public final class TokenCommand {}
