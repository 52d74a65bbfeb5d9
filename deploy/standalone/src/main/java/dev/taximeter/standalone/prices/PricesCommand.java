package dev.taximeter.standalone.prices;

import picocli.CommandLine.Command;

/** {@code prices}: price books and cost books. */
@Command(
    name = "prices",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ImportCommand.class,
    description = "Works on price books and cost books.")
public final class PricesCommand {}
